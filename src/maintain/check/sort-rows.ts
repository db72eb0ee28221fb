/**
 * Sort rows: rows of a pack's chunks by their offsets.
 */
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";

const WORD = 2 ** 32;

/** Returns the offset that the row says which starts at `at`. */
export function offsetAt(rows: Buffer, at: number): number {
  return rows.readUInt32LE(at + DIGEST_BYTES) + rows.readUInt32LE(at + DIGEST_BYTES + 4) * WORD;
}

/** Returns the length that the row says which starts at `at`. */
export function lengthAt(rows: Buffer, at: number): number {
  return rows.readUInt32LE(at + DIGEST_BYTES + 8);
}

/** Returns the rows sorted by offset; the same buffer where they are. About 0.5 µs a row. */
export function sortRows(rows: Buffer): Buffer {
  const count = rows.length / CHUNK_ROW_BYTES;
  const offsets = new Float64Array(count);
  let isSorted = true;
  for (let index = 0; index < count; index++) {
    const offset = offsetAt(rows, index * CHUNK_ROW_BYTES);
    offsets[index] = offset;
    if (index > 0 && offset < offsets[index - 1]!) isSorted = false;
  }
  if (isSorted) return rows;
  const order = new Uint32Array(count).map((_, index) => index);
  order.sort((a, b) => offsets[a]! - offsets[b]!);
  const sorted = Buffer.allocUnsafeSlow(rows.length);
  for (const [index, from] of order.entries()) {
    const at = from * CHUNK_ROW_BYTES;
    rows.copy(sorted, index * CHUNK_ROW_BYTES, at, at + CHUNK_ROW_BYTES);
  }
  return sorted;
}
