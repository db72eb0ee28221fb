/**
 * Tree builder: a sorted row of records becomes a Merkle tree of nodes.
 *
 * Invariants:
 * (T1) The nodes depend on the records alone, never on the order of edits that led to them.
 * (T2) Where nodes are cut depends on names and state bytes alone, so that a change of times or owners
 *      leaves the shape, and with it the state digest, as it was.
 * (T3) One changed record rewrites one node of each level.
 */
import type { EncodedNode } from "./node-codec.js";
import type { CutLeaf } from "./tree-cutter.js";
import { cutsAt, IndexCutter, LeafCutter, SINGLE_LEAF_RECORDS_MAX } from "./tree-cutter.js";

/** Takes the finished nodes; called for children before their parents. */
export interface NodeSink {
  putNode(node: EncodedNode): void;
}

/** A record with what its tree counts of it. */
export interface TreeRecord {
  /** The bytes by which records are ordered. */
  readonly name: Buffer;
  readonly record: Buffer;
  /** What it adds to the tree's entry count: 1 and what is below it. */
  readonly entryCount: number;
  /** What it adds to the tree's sum of file sizes. */
  readonly totalBytes: number;
}

/** A tree's digests and sums. An empty tree is a leaf without records. */
export interface TreeSummary {
  readonly digest: Buffer;
  readonly stateDigest: Buffer;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/**
 * Returns the digests of the tree of some records, and hands its nodes to the sink.
 *
 * @param type the leaves' node type
 * @param records sorted by name bytes, no name twice
 */
export function buildTree(
  type: number,
  records: readonly TreeRecord[],
  sink: NodeSink,
): TreeSummary {
  let nodes = cutLeaves(type, records, sink);
  for (let level = 1; nodes.length > 1; level++) nodes = cutIndex(level, nodes, sink);
  const root = nodes[0];
  if (root === undefined) throw new Error("A tree has at least one node");
  return root.child;
}

function cutLeaves(type: number, records: readonly TreeRecord[], sink: NodeSink): CutLeaf[] {
  const leaves: CutLeaf[] = [];
  const cutter = new LeafCutter(type, records.length > SINGLE_LEAF_RECORDS_MAX, sink);
  for (const record of records) {
    const leaf = cutter.add(record);
    if (leaf !== undefined) leaves.push(leaf);
  }
  if (!cutter.isEmpty || records.length === 0) leaves.push(cutter.finish());
  return leaves;
}

/** The nodes of a level have the end hashes of their last children. */
function cutIndex(level: number, nodes: readonly CutLeaf[], sink: NodeSink): CutLeaf[] {
  const parents: CutLeaf[] = [];
  const cutter = new IndexCutter(level, sink);
  let endHash = 0;
  for (const node of nodes) {
    endHash = node.endHash;
    const child = cutter.add(node.child, () => cutsAt(node.endHash, level));
    if (child !== undefined) parents.push({ child, endHash });
  }
  if (!cutter.isEmpty) parents.push({ child: cutter.finish(), endHash });
  return parents;
}
