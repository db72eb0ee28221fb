/**
 * Hard-link groups: which paths of a snapshot are names of one inode (see FORMAT.md, "Links").
 *
 * Groups lie in a tree of their own, ordered by their first path, beside the tree of directories: a
 * directory's object then says nothing of paths elsewhere, and stays shared when only those change.
 */
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import { RECORD_HEADER_BYTES } from "./entry-codec.js";
import { isName } from "./is-name.js";

/** Where the first path's bytes start: behind the envelope, the count and its length. */
const FIRST_PATH_AT = 16;

/** Paths relative to the root, without leading `/`, sorted by bytes; at least two. */
export type LinkGroup = readonly Buffer[];

/**
 * Returns the record of a group.
 *
 * @throws {CoppiceError} UNSUPPORTED where no chunk can hold it: more than a million paths of 64 bytes
 */
export function encodeLinkGroup(paths: LinkGroup): Buffer {
  let stateBytes = 4;
  for (const path of paths) stateBytes += 4 + path.length;
  if (stateBytes > CHUNK_BYTES_MAX) {
    const first = String(paths[0]);
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot store the hard links of ${first}: its ${paths.length} names take ${stateBytes} bytes where ${CHUNK_BYTES_MAX} are possible, exclude some of them`,
      { path: first },
    );
  }
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + stateBytes);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(stateBytes, 4);
  record.writeUInt32LE(paths.length, 8);
  let at = 12;
  for (const path of paths) {
    record.writeUInt32LE(path.length, at);
    record.set(path, at + 4);
    at += 4 + path.length;
  }
  return record;
}

/**
 * Returns the group of a record; the paths are views of it.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function decodeLinkGroup(record: Buffer): LinkGroup {
  const count = record.length < FIRST_PATH_AT ? 0 : record.readUInt32LE(8);
  const paths: Buffer[] = [];
  let at = 12;
  while (at + 4 <= record.length) {
    const length = record.readUInt32LE(at);
    paths.push(record.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== record.length || paths.length !== count || count < 2) {
    throw damaged("its lengths do not add up");
  }
  if (!paths.every(isPath)) throw damaged("a path leads elsewhere");
  return paths;
}

/**
 * Returns the bytes by which groups are ordered: the first path.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function linkGroupName(record: Buffer): Buffer {
  if (record.length < FIRST_PATH_AT) throw damaged("its lengths do not add up");
  return record.subarray(16, 16 + record.readUInt32LE(12));
}

function isPath(path: Buffer): boolean {
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf(SLASH, start);
    const end = slash < 0 ? path.length : slash;
    if (end === start || !isName(path.subarray(start, end))) return false;
    start = end + 1;
  }
  return true;
}

const SLASH = 0x2f;

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode hard-link group: ${what}`);
}
