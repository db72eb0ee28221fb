/**
 * Row words: rows of a `ChunkTable` as words, in which they are copied.
 */
import { CHUNK_ROW_BYTES } from "./chunk-table.js";

export const CHUNK_ROW_WORDS = CHUNK_ROW_BYTES / 4;

/** Returns rows as words; a copy where they do not lie on words. */
export function rowWords(rows: Buffer): Uint32Array {
  const { buffer, byteOffset, length } = rows.byteOffset % 4 === 0 ? rows : new Uint8Array(rows);
  return new Uint32Array(buffer, byteOffset, length / 4);
}

/** Copies the words of a row: for so few, a call of `copy` takes three times as long. */
export function copyRow(from: Uint32Array, fromAt: number, to: Uint32Array, toAt: number): void {
  for (let word = 0; word < CHUNK_ROW_WORDS; word++) to[toAt + word] = from[fromAt + word]!;
}

/** Returns rows in another order, given by their numbers. */
export function inOrder(rows: Buffer, order: Uint32Array): Buffer {
  const words = rowWords(rows);
  const sorted = new Uint32Array(words.length);
  for (let index = 0; index < order.length; index++)
    copyRow(words, order[index]! * CHUNK_ROW_WORDS, sorted, index * CHUNK_ROW_WORDS);
  return Buffer.from(sorted.buffer);
}
