/**
 * Tree cutter: where nodes of a tree end (see FORMAT.md, "Where a tree is cut"). Records or nodes go in, in order, and
 * whole nodes come out.
 */
import type { NodeChild } from "./node-codec.js";
import { encodeChild, encodeNode, NODE_TYPES } from "./node-codec.js";
import type { NodeSink, TreeRecord } from "./tree-builder.js";

/** Up to this many records a tree is one leaf: small directories, nearly all there are, are one object. */
export const SINGLE_LEAF_RECORDS_MAX = 128;
/** A node ends where six bits of a name's hash are zero: 64 records on average. */
const CUT_BITS = 6;
/** A node ends here at the latest, whatever the names. */
export const NODE_RECORDS_MAX = 256;
/** A leaf ends when its state parts reach this many bytes: bounds nodes of entries with long attributes. */
export const LEAF_STATE_BYTES_MAX = 256 * 1024;

/** The end hash of a leaf that has none. */
const NO_CUT = 0xffff_ffff;

/** A leaf, and the hash of the name that it ends with. */
export interface CutLeaf {
  readonly child: NodeChild;
  readonly endHash: number;
}

/** Cuts records into leaves. */
export class LeafCutter {
  readonly #type: number;
  readonly #mayCut: boolean;
  readonly #sink: NodeSink;
  readonly #row = new NodeRow();
  #stateBytes = 0;

  /** @param mayCut whether the tree has more than SINGLE_LEAF_RECORDS_MAX records */
  constructor(type: number, mayCut: boolean, sink: NodeSink) {
    this.#type = type;
    this.#mayCut = mayCut;
    this.#sink = sink;
  }

  /** Whether all records that were added are in leaves that came out. */
  get isEmpty(): boolean {
    return this.#row.count === 0;
  }

  /** Adds a record, and returns the leaf that ends behind it, if one does. */
  add(each: TreeRecord): CutLeaf | undefined {
    this.#row.add(each.record, each.name, each);
    this.#stateBytes += each.record.readUInt32LE(4);
    const hash = this.#mayCut ? nameHash(each.name) : NO_CUT;
    const isFull = this.#stateBytes >= LEAF_STATE_BYTES_MAX || this.#row.count >= NODE_RECORDS_MAX;
    return isFull || cutsAt(hash, 0) ? this.#end(hash) : undefined;
  }

  /** Returns the leaf of the records that are left, even of none. */
  finish(): CutLeaf {
    return this.#end(NO_CUT);
  }

  #end(endHash: number): CutLeaf {
    this.#stateBytes = 0;
    return { child: this.#row.take(this.#type, 0, this.#sink), endHash };
  }
}

/** Cuts the nodes of one level into those of the next. */
export class IndexCutter {
  readonly #level: number;
  readonly #sink: NodeSink;
  readonly #row = new NodeRow();

  /** @param level of the nodes that come out, from 1 */
  constructor(level: number, sink: NodeSink) {
    this.#level = level;
    this.#sink = sink;
  }

  /** Whether all nodes that were added are in nodes that came out. */
  get isEmpty(): boolean {
    return this.#row.count === 0;
  }

  /**
   * Adds a node, and returns the one that ends behind it, if one does.
   *
   * @param endsHere whether its end hash says so; not asked where it does not matter
   * @param record of the child, where there is one already
   */
  add(
    child: NodeChild,
    endsHere: () => boolean,
    record = encodeChild(child),
  ): NodeChild | undefined {
    const isFirst = this.isEmpty;
    this.#row.add(record, child.firstName, child);
    const isFull = this.#row.count >= NODE_RECORDS_MAX;
    // A lone child is joined by its successor: a level must have fewer nodes than the one below it.
    return isFull || (!isFirst && endsHere()) ? this.finish() : undefined;
  }

  /** Returns the node of what is left, which must be something. */
  finish(): NodeChild {
    return this.#row.take(NODE_TYPES.index, this.#level, this.#sink);
  }
}

/** The records of the node to come. */
class NodeRow {
  #records: Buffer[] = [];
  #firstName: Buffer = NO_NAME;
  #entryCount = 0;
  #totalBytes = 0;

  get count(): number {
    return this.#records.length;
  }

  add(record: Buffer, name: Buffer, counts: Pick<NodeChild, "entryCount" | "totalBytes">): void {
    if (this.#records.length === 0) this.#firstName = name;
    this.#records.push(record);
    this.#entryCount += counts.entryCount;
    this.#totalBytes += counts.totalBytes;
  }

  /** Returns the node, and starts another one. */
  take(type: number, level: number, sink: NodeSink): NodeChild {
    const node = encodeNode(type, level, this.#records);
    sink.putNode(node);
    const { digest, stateDigest } = node;
    const child = {
      firstName: this.#firstName,
      entryCount: this.#entryCount,
      totalBytes: this.#totalBytes,
      digest,
      stateDigest,
    };
    this.#records = [];
    this.#firstName = NO_NAME;
    this.#entryCount = this.#totalBytes = 0;
    return child;
  }
}

const NO_NAME = Buffer.alloc(0);

/** Level n looks at bits 6n to 6n + 5; beyond the hash's 32 bits (a billion names) only full nodes end. */
export function cutsAt(hash: number, level: number): boolean {
  const shift = level * CUT_BITS;
  return hash !== NO_CUT && shift <= 26 && ((hash >>> shift) & ((1 << CUT_BITS) - 1)) === 0;
}

/**
 * Returns a 32-bit hash of a name: FNV-1a (offset basis 0x811c9dc5, prime 0x01000193) and the finaliser
 * of MurmurHash3, whose low bits are as good as its high ones.
 */
export function nameHash(name: Buffer): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ (name[index] as number), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
