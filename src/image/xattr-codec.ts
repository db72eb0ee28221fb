/**
 * Xattr codec: an inode's extended attributes as the bytes behind it (see FORMAT.md, "Extended attributes").
 */
import type { Xattr } from "../model/entry.js";
import { alignUp } from "./layout.js";

const HEADER_BYTES = 12;
const ENTRY_HEADER_BYTES = 4;
const UNIT_BYTES = 4;
/** Lengths are a byte and two. */
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 65_535;
/** The inode counts its attributes in units, with two bytes. */
const UNITS_MAX = 65_535;

/** What stands for the beginning of a name, or for all of it. */
const PREFIXES = [
  { index: 1, prefix: Buffer.from("user."), isWhole: false },
  { index: 2, prefix: Buffer.from("system.posix_acl_access"), isWhole: true },
  { index: 3, prefix: Buffer.from("system.posix_acl_default"), isWhole: true },
  { index: 4, prefix: Buffer.from("trusted."), isWhole: false },
  { index: 6, prefix: Buffer.from("security."), isWhole: false },
] as const;

/** The attributes of an inode as bytes, and those that EROFS cannot hold. */
export interface EncodedXattrs {
  /** Empty where there are none. */
  readonly bytes: Buffer;
  readonly omitted: readonly Buffer[];
}

/** Returns some attributes as the bytes behind an inode. */
export function encodeXattrs(xattrs: readonly Xattr[]): EncodedXattrs {
  const pieces: Buffer[] = [];
  const omitted: Buffer[] = [];
  let bytes = HEADER_BYTES;
  for (const xattr of xattrs) {
    const piece = encodeXattr(xattr);
    if (piece === undefined || xattrUnits(bytes + piece.length) > UNITS_MAX) {
      omitted.push(xattr.name);
      continue;
    }
    pieces.push(piece);
    bytes += piece.length;
  }
  if (pieces.length === 0) return { bytes: EMPTY, omitted };
  return { bytes: Buffer.concat([Buffer.alloc(HEADER_BYTES), ...pieces]), omitted };
}

/** Returns what an inode says of its attributes' length: 0 for none, and 1 for the header. */
export function xattrUnits(bytes: number): number {
  return bytes === 0 ? 0 : (bytes - HEADER_BYTES) / UNIT_BYTES + 1;
}

const EMPTY = Buffer.alloc(0);

function encodeXattr({ name, value }: Xattr): Buffer | undefined {
  const known = PREFIXES.find(({ prefix, isWhole }) =>
    isWhole ? name.equals(prefix) : name.subarray(0, prefix.length).equals(prefix),
  );
  if (known === undefined) return undefined;
  const rest = name.subarray(known.prefix.length);
  if (rest.length > NAME_BYTES_MAX || value.length > VALUE_BYTES_MAX) return undefined;
  const used = ENTRY_HEADER_BYTES + rest.length + value.length;
  const entry = Buffer.alloc(alignUp(used, UNIT_BYTES));
  entry[0] = rest.length;
  entry[1] = known.index;
  entry.writeUInt16LE(value.length, 2);
  entry.set(rest, ENTRY_HEADER_BYTES);
  entry.set(value, ENTRY_HEADER_BYTES + rest.length);
  return entry;
}
