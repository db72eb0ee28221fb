/**
 * Tree records of directory entries.
 */
import { decodeEntry, encodeEntry, recordCounts, recordName } from "./entry-codec.js";
import type { TreeRecord } from "./tree-builder.js";

/** Returns an entry's record with what a tree counts of it. */
export function treeRecord(record: Buffer): TreeRecord {
  return { name: recordName(record), record, ...recordCounts(record) };
}

/** Returns a record under another name. */
export function renamed(record: Buffer, name: Buffer): Buffer {
  return recordName(record).equals(name) ? record : encodeEntry({ ...decodeEntry(record), name });
}

/** Returns whether two records differ in their names at most. */
export function sameButName(a: Buffer, b: Buffer): boolean {
  return renamed(a, recordName(b)).equals(b);
}
