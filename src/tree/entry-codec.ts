/**
 * Entry codec: one entry as the canonical bytes of a tree record (see FORMAT.md, "Record").
 *
 * A record is the state part (what stays equal when only times and owners differ) followed by the
 * rest, so that a state digest is taken over slices of the very bytes that are stored.
 */

import { DIGEST_BYTES } from "../model/digest.js";
import type { Content, DirectoryEntry, Entry, EntryKind, Xattr } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { NAME_BYTES_MAX, SYMLINK_BYTES_MAX } from "../model/limits.js";
import { isName } from "./is-name.js";
import { measureXattrs, readXattrs, writeXattrs } from "./xattr-codec.js";

/** Bytes before the state part: total length and state length, each a u32. */
export const RECORD_HEADER_BYTES = 8;
/** uid, gid, mtime seconds, mtime nanoseconds after the state part. */
export const ATTRIBUTE_BYTES = 4 + 4 + 8 + 4;
/** kind, flags, mode, name length. */
export const STATE_HEADER_BYTES = 1 + 1 + 2 + 2;
export const FORM_BITS = 3;
const FLAG_XATTRS = 4;
const MODE_MAX = 0o7777;

export const KINDS: readonly EntryKind[] = [
  "file",
  "directory",
  "symlink",
  "fifo",
  "character-device",
  "block-device",
];
export const FORMS = ["empty", "chunk", "list"] as const;

/** Returns the canonical record of an entry; its length is at most about 70 KiB plus the extended attributes. */
export function encodeEntry(entry: Entry): Buffer {
  const xattrBytes = measureXattrs(entry.xattrs);
  const stateBytes =
    STATE_HEADER_BYTES +
    entry.name.length +
    measureKind(entry) +
    (xattrBytes > 0 ? 4 + xattrBytes : 0);
  const restBytes = ATTRIBUTE_BYTES + (entry.kind === "directory" ? DIGEST_BYTES : 0);
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + stateBytes + restBytes);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(stateBytes, 4);
  let at = RECORD_HEADER_BYTES;
  const form = entry.kind === "file" ? FORMS.indexOf(entry.content.form) : 0;
  record[at] = KINDS.indexOf(entry.kind);
  record[at + 1] = form | (xattrBytes > 0 ? FLAG_XATTRS : 0);
  record.writeUInt16LE(entry.mode, at + 2);
  record.writeUInt16LE(entry.name.length, at + 4);
  at += STATE_HEADER_BYTES;
  record.set(entry.name, at);
  at += entry.name.length;
  at = writeKind(record, at, entry);
  if (xattrBytes > 0) at = writeXattrs(record, at, entry.xattrs, xattrBytes);
  record.writeUInt32LE(entry.uid, at);
  record.writeUInt32LE(entry.gid, at + 4);
  record.writeBigInt64LE(BigInt(entry.mtimeSeconds), at + 8);
  record.writeUInt32LE(entry.mtimeNanoseconds, at + 16);
  if (entry.kind === "directory") record.set(entry.tree, at + ATTRIBUTE_BYTES);
  return record;
}

/**
 * Returns the entry of a record.
 *
 * Names, digests and values are views of `record`: they live as long as it does.
 *
 * @throws {CoppiceError} CORRUPT when a length, kind or name is impossible
 */
export function decodeEntry(record: Buffer): Entry {
  if (record.length < RECORD_HEADER_BYTES + STATE_HEADER_BYTES + ATTRIBUTE_BYTES) {
    throw damagedRecord(`an entry of ${record.length} bytes`);
  }
  const stateEnd = RECORD_HEADER_BYTES + record.readUInt32LE(4);
  let at = RECORD_HEADER_BYTES;
  const kind = KINDS[record[at] ?? -1];
  const flags = record[at + 1] ?? 0;
  const mode = record.readUInt16LE(at + 2);
  const nameBytes = record.readUInt16LE(at + 4);
  at += STATE_HEADER_BYTES;
  if (kind === undefined) throw damagedRecord("an entry has an unknown kind");
  if (nameBytes > NAME_BYTES_MAX) throw damagedRecord(`a name has ${nameBytes} bytes`);
  const restBytes = ATTRIBUTE_BYTES + (kind === "directory" ? DIGEST_BYTES : 0);
  if (stateEnd + restBytes !== record.length || at + nameBytes > stateEnd)
    throw damagedRecord("an entry of the wrong length");
  const name = record.subarray(at, at + nameBytes);
  if (!isName(name)) throw damagedRecord("a name that leads elsewhere");
  at += nameBytes;
  const kindEnd = at + kindBytes(record, at, kind);
  const hasXattrs = (flags & FLAG_XATTRS) !== 0;
  // From here on every part is known to lie within the record.
  if (hasXattrs ? kindEnd + 4 > stateEnd : kindEnd !== stateEnd)
    throw damagedRecord("an entry of the wrong length");
  if (
    (flags & ~(kind === "file" ? FLAG_XATTRS | FORM_BITS : FLAG_XATTRS)) !== 0 ||
    mode > MODE_MAX
  ) {
    throw damagedRecord("unknown flags or mode bits");
  }
  const attributes = {
    name,
    mode,
    uid: record.readUInt32LE(stateEnd),
    gid: record.readUInt32LE(stateEnd + 4),
    mtimeSeconds:
      record.readInt32LE(stateEnd + 12) * 0x1_0000_0000 + record.readUInt32LE(stateEnd + 8),
    mtimeNanoseconds: record.readUInt32LE(stateEnd + 16),
    xattrs: hasXattrs ? readXattrs(record, kindEnd, stateEnd) : NO_XATTRS,
  };
  if (!Number.isSafeInteger(attributes.mtimeSeconds) || attributes.mtimeNanoseconds >= 1e9)
    throw damagedRecord("an impossible time");
  switch (kind) {
    case "file":
      // Most entries are files, and to spread the attributes would take a quarter of the time.
      return {
        kind,
        name,
        mode,
        uid: attributes.uid,
        gid: attributes.gid,
        mtimeSeconds: attributes.mtimeSeconds,
        mtimeNanoseconds: attributes.mtimeNanoseconds,
        xattrs: attributes.xattrs,
        sizeBytes: readSize(record, at),
        content: readContent(record, at + 8, flags),
      };
    case "directory":
      return {
        kind,
        ...attributes,
        stateTree: record.subarray(at + 16, at + 16 + DIGEST_BYTES),
        entryCount: readSize(record, at),
        totalBytes: readSize(record, at + 8),
        tree: record.subarray(
          stateEnd + ATTRIBUTE_BYTES,
          stateEnd + ATTRIBUTE_BYTES + DIGEST_BYTES,
        ),
      };
    case "symlink": {
      const targetBytes = record.readUInt16LE(at);
      return { kind, ...attributes, target: record.subarray(at + 2, at + 2 + targetBytes) };
    }
    case "fifo":
      return { kind, ...attributes };
    default: {
      const [major, minor] = [record.readUInt32LE(at), record.readUInt32LE(at + 4)];
      return { kind, ...attributes, major, minor };
    }
  }
}

/**
 * Fills in what a directory's record says of what is below it, which is known only once that was read.
 *
 * @param record as `encodeEntry` made it of the directory; changed in place
 */
export function setDirectoryTree(
  record: Buffer,
  subtree: Pick<DirectoryEntry, "tree" | "stateTree" | "entryCount" | "totalBytes">,
): void {
  const stateEnd = RECORD_HEADER_BYTES + record.readUInt32LE(4);
  const at =
    RECORD_HEADER_BYTES + STATE_HEADER_BYTES + record.readUInt16LE(RECORD_HEADER_BYTES + 4);
  record.writeBigUInt64LE(BigInt(subtree.entryCount), at);
  record.writeBigUInt64LE(BigInt(subtree.totalBytes), at + 8);
  record.set(subtree.stateTree, at + 16);
  record.set(subtree.tree, stateEnd + ATTRIBUTE_BYTES);
}

/**
 * Fills in the digest of a file's content, which is known only once it was hashed.
 *
 * @param record as `encodeEntry` made it of the file, with a content of that form; changed in place
 */
export function setContentDigest(record: Buffer, digest: Uint8Array): void {
  record.set(digest, RECORD_HEADER_BYTES + STATE_HEADER_BYTES + recordName(record).length + 8);
}

/**
 * Returns the name in a record, a view of it.
 *
 * @throws {CoppiceError} CORRUPT when it is too short to have one
 */
export function recordName(record: Buffer): Buffer {
  const start = RECORD_HEADER_BYTES + STATE_HEADER_BYTES;
  if (record.length < start) throw damagedRecord(`an entry of ${record.length} bytes`);
  return record.subarray(start, start + record.readUInt16LE(RECORD_HEADER_BYTES + 4));
}

/** Returns the state part of a record, a view of it. */
export function recordState(record: Buffer): Buffer {
  return record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + record.readUInt32LE(4));
}

/**
 * Returns what a record adds to a tree's counts, without decoding the rest of it.
 *
 * @param bytes what the record lies in, at `start`
 */
export function recordCounts(bytes: Buffer, start = 0): { entryCount: number; totalBytes: number } {
  const header = start + RECORD_HEADER_BYTES;
  const kind = KINDS[bytes[header] ?? -1];
  const at = header + STATE_HEADER_BYTES + (bytes[header + 4]! | (bytes[header + 5]! << 8));
  if (kind === "file") return { entryCount: 1, totalBytes: readSize(bytes, at) };
  if (kind !== "directory") return { entryCount: 1, totalBytes: 0 };
  return { entryCount: 1 + readSize(bytes, at), totalBytes: readSize(bytes, at + 8) };
}

/**
 * Returns how a record's name compares with another one, by their bytes: negative, 0 or positive.
 *
 * @param bytes what the record lies in, from `start` to `end`
 * @param name as Latin-1
 * @throws {CoppiceError} CORRUPT when the record is too short to have a name
 */
export function compareRecordName(bytes: Buffer, start: number, end: number, name: string): number {
  const nameStart = start + RECORD_HEADER_BYTES + STATE_HEADER_BYTES;
  const nameBytes = nameStart > end ? 0 : bytes.readUInt16LE(nameStart - 2);
  if (nameStart + nameBytes > end) throw damagedRecord(`an entry of ${end - start} bytes`);
  const shared = Math.min(nameBytes, name.length);
  for (let index = 0; index < shared; index++) {
    const difference = (bytes[nameStart + index] as number) - name.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return nameBytes - name.length;
}

/** Returns whether a record is a directory's, without decoding the rest of it. */
export function isDirectory(record: Buffer): boolean {
  return KINDS[record[RECORD_HEADER_BYTES] ?? -1] === "directory";
}

/** Returns the tree digest in a directory's record, a view of it. */
export function directoryTree(record: Buffer): Buffer {
  return record.subarray(record.length - DIGEST_BYTES);
}

const NO_XATTRS: readonly Xattr[] = [];

function measureKind(entry: Entry): number {
  switch (entry.kind) {
    case "file":
      return 8 + DIGEST_BYTES;
    case "directory":
      return 16 + DIGEST_BYTES;
    case "symlink":
      if (entry.target.length > SYMLINK_BYTES_MAX) {
        throw new RangeError(
          `Cannot encode symbolic link: its target has ${entry.target.length} bytes`,
        );
      }
      return 2 + entry.target.length;
    case "fifo":
      return 0;
    default:
      return 8;
  }
}

/** Returns how many bytes the part of a record takes that is of its kind alone, and starts at `at`. */
export function kindBytes(record: Buffer, at: number, kind: EntryKind): number {
  switch (kind) {
    case "file":
      return 8 + DIGEST_BYTES;
    case "directory":
      return 16 + DIGEST_BYTES;
    case "symlink":
      return 2 + record.readUInt16LE(at);
    case "fifo":
      return 0;
    default:
      return 8;
  }
}

function writeKind(record: Buffer, at: number, entry: Entry): number {
  switch (entry.kind) {
    case "file":
      record.writeBigUInt64LE(BigInt(entry.sizeBytes), at);
      if (entry.content.form === "empty") record.fill(0, at + 8, at + 8 + DIGEST_BYTES);
      else record.set(entry.content.digest, at + 8);
      return at + 8 + DIGEST_BYTES;
    case "directory":
      record.writeBigUInt64LE(BigInt(entry.entryCount), at);
      record.writeBigUInt64LE(BigInt(entry.totalBytes), at + 8);
      record.set(entry.stateTree, at + 16);
      return at + 16 + DIGEST_BYTES;
    case "symlink":
      record.writeUInt16LE(entry.target.length, at);
      record.set(entry.target, at + 2);
      return at + 2 + entry.target.length;
    case "fifo":
      return at;
    default:
      record.writeUInt32LE(entry.major, at);
      record.writeUInt32LE(entry.minor, at + 4);
      return at + 8;
  }
}

function readSize(record: Buffer, at: number): number {
  const size = readWord(record, at) + readWord(record, at + 4) * 0x1_0000_0000;
  if (!Number.isSafeInteger(size)) throw damagedRecord(`a size of ${size} bytes`);
  return size;
}

/** As readUInt32LE, in a third of the time; no number beyond the end. */
function readWord(bytes: Buffer, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  return low + bytes[at + 3]! * 0x100_0000;
}

function readContent(record: Buffer, at: number, flags: number): Content {
  const form = FORMS[flags & FORM_BITS];
  if (form === undefined) throw damagedRecord("a content of unknown form");
  return form === "empty" ? { form } : { form, digest: record.subarray(at, at + DIGEST_BYTES) };
}

/** Returns the error for a record that cannot be one. */
export function damagedRecord(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode tree record: it holds ${what}`);
}
