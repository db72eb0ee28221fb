/**
 * Tree builder: a sorted row of records becomes a Merkle tree of nodes.
 *
 * Invariants:
 * (T1) The nodes depend on the records alone, never on the order of edits that led to them.
 * (T2) Where nodes are cut depends on names and state bytes alone, so that a change of times or owners
 *      leaves the shape, and with it the state digest, as it was.
 * (T3) One changed record rewrites one node of each level.
 */

import type { EncodedNode, NodeChild } from "./node-codec.js";
import { encodeChild, encodeNode, NODE_TYPES } from "./node-codec.js";

/** Up to this many records a tree is one leaf: small directories, nearly all there are, are one object. */
const SINGLE_LEAF_RECORDS_MAX = 128;
/** A node ends where six bits of a name's hash are zero: 64 records on average. */
const CUT_BITS = 6;
/** A node ends here at the latest, whatever the names. */
const NODE_RECORDS_MAX = 256;
/** A leaf ends when its state parts reach this many bytes: bounds nodes of entries with long attributes. */
const LEAF_STATE_BYTES_MAX = 256 * 1024;

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

interface CutNode {
  readonly child: NodeChild & TreeSummary;
  /** Of the name that ended the node; 0xffffffff where it ended for another reason. */
  readonly endHash: number;
}

const NO_CUT = 0xffff_ffff;

function cutLeaves(type: number, records: readonly TreeRecord[], sink: NodeSink): CutNode[] {
  const nodes: CutNode[] = [];
  const mayCut = records.length > SINGLE_LEAF_RECORDS_MAX;
  let start = 0;
  let stateBytes = 0;
  for (let index = 0; index < records.length; index++) {
    const { name, record } = records[index] as TreeRecord;
    stateBytes += record.readUInt32LE(4);
    const hash = mayCut ? nameHash(name) : NO_CUT;
    const full = stateBytes >= LEAF_STATE_BYTES_MAX || index + 1 - start >= NODE_RECORDS_MAX;
    if (cutsAt(hash, 0) || full) {
      nodes.push(putLeaf(type, records.slice(start, index + 1), hash, sink));
      start = index + 1;
      stateBytes = 0;
    }
  }
  if (start < records.length || records.length === 0) {
    nodes.push(putLeaf(type, records.slice(start), NO_CUT, sink));
  }
  return nodes;
}

function putLeaf(
  type: number,
  records: readonly TreeRecord[],
  endHash: number,
  sink: NodeSink,
): CutNode {
  const node = encodeNode(
    type,
    0,
    records.map((each) => each.record),
  );
  sink.putNode(node);
  let entryCount = 0;
  let totalBytes = 0;
  for (const each of records) {
    entryCount += each.entryCount;
    totalBytes += each.totalBytes;
  }
  const firstName = records[0]?.name ?? Buffer.alloc(0);
  return {
    child: {
      firstName,
      entryCount,
      totalBytes,
      digest: node.digest,
      stateDigest: node.stateDigest,
    },
    endHash,
  };
}

function cutIndex(level: number, nodes: readonly CutNode[], sink: NodeSink): CutNode[] {
  const parents: CutNode[] = [];
  let start = 0;
  for (let index = 0; index < nodes.length; index++) {
    const { endHash } = nodes[index] as CutNode;
    const isLast = index + 1 === nodes.length;
    const isFull = index + 1 - start >= NODE_RECORDS_MAX;
    // A lone child is joined by its successor: a level must have fewer nodes than the one below it.
    if (isLast || isFull || (cutsAt(endHash, level) && index > start)) {
      parents.push(putIndex(level, nodes.slice(start, index + 1), endHash, sink));
      start = index + 1;
    }
  }
  return parents;
}

function putIndex(
  level: number,
  nodes: readonly CutNode[],
  endHash: number,
  sink: NodeSink,
): CutNode {
  const node = encodeNode(
    NODE_TYPES.index,
    level,
    nodes.map((each) => encodeChild(each.child)),
  );
  sink.putNode(node);
  let entryCount = 0;
  let totalBytes = 0;
  for (const { child } of nodes) {
    entryCount += child.entryCount;
    totalBytes += child.totalBytes;
  }
  const first = nodes[0] as CutNode;
  return {
    child: {
      firstName: first.child.firstName,
      entryCount,
      totalBytes,
      digest: node.digest,
      stateDigest: node.stateDigest,
    },
    endHash,
  };
}

/** Level n looks at bits 6n to 6n + 5; beyond the hash's 32 bits (a billion names) only full nodes end. */
function cutsAt(hash: number, level: number): boolean {
  const shift = level * CUT_BITS;
  return hash !== NO_CUT && shift <= 26 && ((hash >>> shift) & ((1 << CUT_BITS) - 1)) === 0;
}

/**
 * Returns a 32-bit hash of a name: FNV-1a (offset basis 0x811c9dc5, prime 0x01000193) and the finaliser
 * of MurmurHash3, whose low bits are as good as its high ones.
 */
function nameHash(name: Buffer): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ (name[index] as number), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
