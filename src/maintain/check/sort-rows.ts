/**
 * Sort rows: rows of a pack's chunks by their offsets.
 */
import { wordAt } from "../../hash/word-at.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";

const WORD = 2 ** 32;
export const CHUNK_ROW_WORDS = CHUNK_ROW_BYTES / 4;

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
  const words = rowWords(rows);
  const sorted = new Uint32Array(words.length);
  const order = orderOf(offsets, max);
  for (let index = 0; index < count; index++)
    copyRow(words, order[index]! * CHUNK_ROW_WORDS, sorted, index * CHUNK_ROW_WORDS);
  return Buffer.from(sorted.buffer);
}

/** Returns rows as words, in which they are copied. */
export function rowWords(rows: Buffer): Uint32Array {
  const { buffer, byteOffset, length } = rows.byteOffset % 4 === 0 ? rows : new Uint8Array(rows);
  return new Uint32Array(buffer, byteOffset, length / 4);
}

/** Copies the words of a row: for so few, a call of `copy` takes three times as long. */
export function copyRow(from: Uint32Array, fromAt: number, to: Uint32Array, toAt: number): void {
  for (let word = 0; word < CHUNK_ROW_WORDS; word++) to[toAt + word] = from[fromAt + word]!;
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
