/**
 * Entry codec: one entry as the canonical bytes of a tree record (see FORMAT.md, "Record").
 *
 * A record is the state part (what stays equal when only times and owners differ) followed by the
 * rest, so that a state digest is taken over slices of the very bytes that are stored.
 */
import { CoppiceError } from "../model/error.js";
import type { Content, DirectoryEntry, Entry, EntryKind, Xattr } from "../model/entry.js";
import { NAME_BYTES_MAX, SYMLINK_BYTES_MAX } from "../model/limits.js";
import { DIGEST_BYTES } from "../model/digest.js";

/** Bytes before the state part: total length and state length, each a u32. */
export const RECORD_HEADER_BYTES = 8;
/** uid, gid, mtime seconds, mtime nanoseconds after the state part. */
const ATTRIBUTE_BYTES = 4 + 4 + 8 + 4;
/** kind, flags, mode, name length. */
const STATE_HEADER_BYTES = 1 + 1 + 2 + 2;
const FLAG_XATTRS = 4;

const KINDS: readonly EntryKind[] = [
  "file",
  "directory",
  "symlink",
  "fifo",
  "character-device",
  "block-device",
];
const FORMS = ["empty", "chunk", "list"] as const;

/** Returns the canonical record of an entry; its length is at most about 70 KiB plus the extended attributes. */
export function encodeEntry(entry: Entry): Buffer {
  const xattrBytes = measureXattrs(entry.xattrs);
  const stateBytes =
    STATE_HEADER_BYTES + entry.name.length + measureKind(entry) + (xattrBytes > 0 ? 4 + xattrBytes : 0);
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
 * @throws {CoppiceError} CORRUPT when a length or kind is impossible
 */
export function decodeEntry(record: Buffer): Entry {
  const stateBytes = record.readUInt32LE(4);
  let at = RECORD_HEADER_BYTES;
  const stateEnd = at + stateBytes;
  const kind = KINDS[record[at] ?? -1];
  const flags = record[at + 1] ?? 0;
  const mode = record.readUInt16LE(at + 2);
  const nameBytes = record.readUInt16LE(at + 4);
  at += STATE_HEADER_BYTES;
  if (kind === undefined) throw damaged("an entry has an unknown kind");
  if (nameBytes > NAME_BYTES_MAX) throw damaged(`a name has ${nameBytes} bytes`);
  const name = record.subarray(at, at + nameBytes);
  at += nameBytes;
  const kindEnd = (flags & FLAG_XATTRS) === 0 ? stateEnd : at + kindBytes(record, at, kind);
  const attributes = {
    name,
    mode,
    uid: record.readUInt32LE(stateEnd),
    gid: record.readUInt32LE(stateEnd + 4),
    mtimeSeconds: Number(record.readBigInt64LE(stateEnd + 8)),
    mtimeNanoseconds: record.readUInt32LE(stateEnd + 16),
    xattrs: (flags & FLAG_XATTRS) === 0 ? NO_XATTRS : readXattrs(record, kindEnd, stateEnd),
  };
  switch (kind) {
    case "file":
      return { kind, ...attributes, sizeBytes: readSize(record, at), content: readContent(record, at + 8, flags) };
    case "directory":
      return {
        kind,
        ...attributes,
        stateTree: record.subarray(at + 16, at + 16 + DIGEST_BYTES),
        entryCount: readSize(record, at),
        totalBytes: readSize(record, at + 8),
        tree: record.subarray(stateEnd + ATTRIBUTE_BYTES, stateEnd + ATTRIBUTE_BYTES + DIGEST_BYTES),
      };
    case "symlink": {
      const targetBytes = record.readUInt16LE(at);
      return { kind, ...attributes, target: record.subarray(at + 2, at + 2 + targetBytes) };
    }
    case "fifo":
      return { kind, ...attributes };
    default:
      return { kind, ...attributes, major: record.readUInt32LE(at), minor: record.readUInt32LE(at + 4) };
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
  const at = RECORD_HEADER_BYTES + STATE_HEADER_BYTES + record.readUInt16LE(RECORD_HEADER_BYTES + 4);
  record.writeBigUInt64LE(BigInt(subtree.entryCount), at);
  record.writeBigUInt64LE(BigInt(subtree.totalBytes), at + 8);
  record.set(subtree.stateTree, at + 16);
  record.set(subtree.tree, stateEnd + ATTRIBUTE_BYTES);
}

/**
 * Fills in a file's content, which is known only once it was read.
 *
 * @param record as `encodeEntry` made it of the file with content of any form; changed in place
 */
export function setFileContent(record: Buffer, sizeBytes: number, content: Content): void {
  const at = RECORD_HEADER_BYTES + STATE_HEADER_BYTES + record.readUInt16LE(RECORD_HEADER_BYTES + 4);
  const flags = record[RECORD_HEADER_BYTES + 1] ?? 0;
  record[RECORD_HEADER_BYTES + 1] = (flags & FLAG_XATTRS) | FORMS.indexOf(content.form);
  record.writeBigUInt64LE(BigInt(sizeBytes), at);
  record.fill(0, at + 8, at + 8 + DIGEST_BYTES);
  if (content.form !== "empty") record.set(content.digest, at + 8);
}

/** Returns the name in a record, a view of it. */
export function recordName(record: Buffer): Buffer {
  const start = RECORD_HEADER_BYTES + STATE_HEADER_BYTES;
  return record.subarray(start, start + record.readUInt16LE(RECORD_HEADER_BYTES + 4));
}

/** Returns the state part of a record, a view of it. */
export function recordState(record: Buffer): Buffer {
  return record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + record.readUInt32LE(4));
}

/** Returns whether a record is a directory's. */
export function isDirectoryRecord(record: Buffer): boolean {
  return record[RECORD_HEADER_BYTES] === 1;
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
        throw new RangeError(`Cannot encode symbolic link: its target has ${entry.target.length} bytes`);
      }
      return 2 + entry.target.length;
    case "fifo":
      return 0;
    default:
      return 8;
  }
}

function kindBytes(record: Buffer, at: number, kind: EntryKind): number {
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
  const size = Number(record.readBigUInt64LE(at));
  if (!Number.isSafeInteger(size)) throw damaged(`a size of ${size} bytes`);
  return size;
}

function readContent(record: Buffer, at: number, flags: number): Content {
  const form = FORMS[flags & 3];
  if (form === undefined) throw damaged("a content of unknown form");
  return form === "empty" ? { form } : { form, digest: record.subarray(at, at + DIGEST_BYTES) };
}

function measureXattrs(xattrs: readonly Xattr[]): number {
  let bytes = 0;
  for (const { name, value } of xattrs) bytes += 2 + name.length + 4 + value.length;
  return bytes;
}

function writeXattrs(record: Buffer, at: number, xattrs: readonly Xattr[], xattrBytes: number): number {
  record.writeUInt32LE(xattrBytes, at);
  at += 4;
  for (const { name, value } of xattrs) {
    record.writeUInt16LE(name.length, at);
    record.set(name, at + 2);
    at += 2 + name.length;
    record.writeUInt32LE(value.length, at);
    record.set(value, at + 4);
    at += 4 + value.length;
  }
  return at;
}

function readXattrs(record: Buffer, at: number, end: number): Xattr[] {
  if (at + 4 + record.readUInt32LE(at) !== end) throw damaged("extended attributes of the wrong length");
  at += 4;
  const xattrs: Xattr[] = [];
  while (at < end) {
    const nameBytes = record.readUInt16LE(at);
    const name = record.subarray(at + 2, at + 2 + nameBytes);
    at += 2 + nameBytes;
    const valueBytes = record.readUInt32LE(at);
    xattrs.push({ name, value: record.subarray(at + 4, at + 4 + valueBytes) });
    at += 4 + valueBytes;
  }
  if (at !== end) throw damaged("extended attributes of the wrong length");
  return xattrs;
}

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode tree record: it holds ${what}`);
}
