/**
 * Edit tree: a directory's tree with some names set and others removed.
 */

import { editLargeTree } from "./edit-large-tree.js";
import { editLeaf } from "./edit-leaf.js";
import { recordName } from "./entry-codec.js";
import { decodeChild, decodeNode, NODE_TYPES, nodeHeader, recordCount } from "./node-codec.js";
import type { NodeSink, TreeRecord, TreeSummary } from "./tree-builder.js";
import { buildTree } from "./tree-builder.js";
import { SINGLE_LEAF_RECORDS_MAX } from "./tree-cutter.js";
import type { ObjectSource } from "./tree-reader.js";
import { treeRecords } from "./tree-reader.js";
import { treeRecord } from "./tree-record.js";

const EMPTY_LEAF = nodeHeader(NODE_TYPES.entries, 0, 0);

/** What becomes of names, as Latin-1: the record of what is there now, or `undefined` for nothing. */
export type RecordEdits = ReadonlyMap<string, Buffer | undefined>;

/**
 * Returns the tree that some edits make of another, and hands its nodes to the sink, those at least that the other one has
 * not. Costs reading and hashing the nodes in which something is another; what is below the directory is not looked at.
 *
 * @param base `undefined` for a directory without entries
 */
export function editTree(
  objects: ObjectSource,
  base: Buffer | undefined,
  edits: RecordEdits,
  nodes: NodeSink,
): TreeSummary {
  const leaf = editLeaf(base === undefined ? EMPTY_LEAF : objects.readObject(base), edits);
  if (leaf !== undefined) {
    const { node, entryCount, totalBytes } = leaf;
    nodes.putNode(node);
    return { digest: node.digest, stateDigest: node.stateDigest, entryCount, totalBytes };
  }
  if (base !== undefined && edits.size > 0 && staysLarge(objects, base, edits))
    return editLargeTree(objects, base, edits, nodes);
  const records: TreeRecord[] = [];
  if (base !== undefined) {
    for (const record of treeRecords(objects, base))
      if (!edits.has(recordName(record).toString("latin1"))) records.push(treeRecord(record));
  }
  for (const record of edits.values()) if (record !== undefined) records.push(treeRecord(record));
  records.sort((a, b) => a.name.compare(b.name));
  return buildTree(NODE_TYPES.entries, records, nodes);
}

/** Whether a tree has so many records, before and after, that names decide where its leaves end. Reads some leaves. */
function staysLarge(objects: ObjectSource, base: Buffer, edits: RecordEdits): boolean {
  let needed = SINGLE_LEAF_RECORDS_MAX + 1;
  for (const record of edits.values()) if (record === undefined) needed++;
  return countUpTo(objects, base, needed) >= needed;
}

/** Returns how many records a tree has; where there are as many as `max` or more, some number from `max` on. */
function countUpTo(objects: ObjectSource, tree: Buffer, max: number): number {
  const node = objects.readObject(tree);
  if (node[0] !== NODE_TYPES.index) return recordCount(node);
  let count = 0;
  for (const record of decodeNode(node).records) {
    if (count >= max) break;
    count += countUpTo(objects, decodeChild(record).digest, max - count);
  }
  return count;
}
