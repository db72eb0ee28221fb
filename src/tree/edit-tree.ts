/**
 * Edit tree: a directory's tree with some names set and others removed.
 */
import { recordName } from "./entry-codec.js";
import { NODE_TYPES } from "./node-codec.js";
import type { NodeSink, TreeRecord, TreeSummary } from "./tree-builder.js";
import { buildTree } from "./tree-builder.js";
import type { ObjectSource } from "./tree-reader.js";
import { treeRecords } from "./tree-reader.js";
import { treeRecord } from "./tree-record.js";

/** What becomes of names, as Latin-1: the record of what is there now, or `undefined` for nothing. */
export type RecordEdits = ReadonlyMap<string, Buffer | undefined>;

/**
 * Returns the tree that some edits make of another, and hands its nodes to the sink. Costs what reading and
 * hashing the directory's own records costs; what is below them is not looked at.
 *
 * @param base `undefined` for a directory without entries
 */
export function editTree(
  objects: ObjectSource,
  base: Buffer | undefined,
  edits: RecordEdits,
  nodes: NodeSink,
): TreeSummary {
  const records: TreeRecord[] = [];
  if (base !== undefined) {
    for (const record of treeRecords(objects, base))
      if (!edits.has(recordName(record).toString("latin1"))) records.push(treeRecord(record));
  }
  for (const record of edits.values()) if (record !== undefined) records.push(treeRecord(record));
  records.sort((a, b) => a.name.compare(b.name));
  return buildTree(NODE_TYPES.entries, records, nodes);
}
