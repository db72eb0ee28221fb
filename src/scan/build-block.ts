/**
 * Build block: a directory's block, once everything below the directory is known, becomes its tree.
 */
import { NODE_TYPES } from "../tree/node-codec.js";
import type { NodeSink, TreeRecord } from "../tree/tree-builder.js";
import { buildTree } from "../tree/tree-builder.js";
import { treeRecord } from "../tree/tree-record.js";
import type { BlockSummary, DirectoryBlock } from "./directory-block.js";
import { ENTRY_FLAGS } from "./directory-block.js";

/** Returns the digests and sums of a directory, and hands the nodes of its tree to the sink. */
export function buildBlock(block: DirectoryBlock, nodes: NodeSink): BlockSummary {
  const records: TreeRecord[] = [];
  for (let entry = 0; entry < block.entryCount; entry++) {
    if ((block.flags(entry) & ENTRY_FLAGS.gone) === 0)
      records.push(treeRecord(block.record(entry)));
  }
  records.sort((a, b) => a.name.compare(b.name));
  const { digest, stateDigest, entryCount, totalBytes } = buildTree(
    NODE_TYPES.entries,
    records,
    nodes,
  );
  return { tree: digest, stateTree: stateDigest, entryCount, totalBytes };
}
