/**
 * Edit leaf: a tree that is one leaf and stays one, with some names set and others removed. The bytes of what stays are taken
 * over as they stand.
 */

import type { RecordEdits } from "./edit-tree.js";
import { compareRecordName, recordCounts } from "./entry-codec.js";
import type { EncodedNode } from "./node-codec.js";
import {
  encodedNode,
  miscounted,
  NODE_HEADER_BYTES,
  NODE_TYPES,
  nodeHeader,
  recordCount,
  recordEnd,
} from "./node-codec.js";
import { LEAF_STATE_BYTES_MAX, SINGLE_LEAF_RECORDS_MAX } from "./tree-cutter.js";

/** A leaf, and what its tree counts. */
export interface EditedLeaf {
  readonly node: EncodedNode;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/**
 * Returns the leaf that some edits make of a node, or `undefined` where that is none or may not stay one. Costs copying and
 * hashing it.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function editLeaf(node: Buffer, edits: RecordEdits): EditedLeaf | undefined {
  if (node[0] !== NODE_TYPES.entries || node[1] !== 0) return undefined;
  const splice = new Splice(node);
  const sorted = [...edits].sort(([a], [b]) => (a < b ? -1 : 1));
  let next = 0;
  let found = 0;
  for (let at = NODE_HEADER_BYTES; at < node.length; found++) {
    const end = recordEnd(node, at);
    let isEdited = false;
    while (!isEdited && next < sorted.length) {
      const [name, record] = sorted[next]!;
      const order = compareRecordName(node, at, end, name);
      if (order < 0) break;
      isEdited = order === 0;
      splice.replace(at, isEdited ? end : at, record);
      next++;
    }
    if (!isEdited) splice.keep(at);
    at = end;
  }
  const count = recordCount(node);
  if (found !== count) throw miscounted(found, count);
  for (const [, record] of sorted.slice(next)) splice.replace(node.length, node.length, record);
  return splice.finish();
}

/** A node's bytes, in which records are replaced from left to right. */
class Splice {
  readonly #node: Buffer;
  readonly #pieces: Buffer[] = [];
  /** Where the bytes begin that are in no piece yet. */
  #start = NODE_HEADER_BYTES;
  #count = 0;
  #entryCount = 0;
  #totalBytes = 0;

  constructor(node: Buffer) {
    this.#node = node;
  }

  /** Counts a record that stays. */
  keep(at: number): void {
    this.#add(this.#node, at);
  }

  /** Has some bytes make way for a record, or for nothing. */
  replace(from: number, to: number, record: Buffer | undefined): void {
    this.#pieces.push(this.#node.subarray(this.#start, from));
    this.#start = to;
    if (record === undefined) return;
    this.#pieces.push(record);
    this.#add(record, 0);
  }

  /** Returns what came of it, where that is one leaf whatever the names are. */
  finish(): EditedLeaf | undefined {
    if (this.#count > SINGLE_LEAF_RECORDS_MAX) return undefined;
    const header = nodeHeader(NODE_TYPES.entries, 0, this.#count);
    const bytes = Buffer.concat([header, ...this.#pieces, this.#node.subarray(this.#start)]);
    if (bytes.length >= LEAF_STATE_BYTES_MAX) return undefined;
    const node = encodedNode(bytes);
    return { node, entryCount: this.#entryCount, totalBytes: this.#totalBytes };
  }

  #add(bytes: Buffer, at: number): void {
    const { entryCount, totalBytes } = recordCounts(bytes, at);
    this.#count++;
    this.#entryCount += entryCount;
    this.#totalBytes += totalBytes;
  }
}
