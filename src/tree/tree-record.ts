/**
 * Tree records of directory entries: made, renamed, compared.
 */
import { decodeEntry, encodeEntry, recordCounts, recordName, recordState } from "./entry-codec.js";
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

/** Whether two records are the same, or there is none. */
export function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

/** Whether two records are the same but for times and owners, also of what is below them. */
export function isSameState(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : recordState(a).equals(recordState(b));
}
