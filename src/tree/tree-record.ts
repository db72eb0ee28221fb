/**
 * Tree records of directory entries.
 */
import { decodeEntry, encodeEntry, recordName } from "./entry-codec.js";
import type { TreeRecord } from "./tree-builder.js";

/** Returns an entry's record with what a tree counts of it. */
export function treeRecord(record: Buffer): TreeRecord {
  const entry = decodeEntry(record);
  const below = entry.kind === "directory" ? entry : undefined;
  return {
    name: entry.name,
    record,
    entryCount: 1 + (below?.entryCount ?? 0),
    totalBytes: below?.totalBytes ?? (entry.kind === "file" ? entry.sizeBytes : 0),
  };
}

/** Returns a record under another name. */
export function renamed(record: Buffer, name: Buffer): Buffer {
  return recordName(record).equals(name) ? record : encodeEntry({ ...decodeEntry(record), name });
}

/** Returns whether two records differ in their names at most. */
export function sameButName(a: Buffer, b: Buffer): boolean {
  return renamed(a, recordName(b)).equals(b);
}
