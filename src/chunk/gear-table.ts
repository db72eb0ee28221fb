import { createHash } from "node:crypto";

/** The seed of the table, in ASCII; a new table needs a new format version. */
const seed = "Coppice gear table, version 1";

/**
 * Returns the gear table: one signed 32-bit number for each byte value.
 *
 * Numbers 8k to 8k+7 are the SHA-256 of the seed followed by the byte k, read as
 * eight little-endian words: anybody can rebuild it, and nothing is hidden in it.
 *
 * @returns a new array of 256 numbers, at the cost of 32 hash calls
 */
export function gearTable(): Int32Array {
  const table = new Int32Array(256);
  for (let block = 0; block < 32; block++) {
    const words = createHash("sha256").update(seed, "ascii").update(Uint8Array.of(block)).digest();
    for (let word = 0; word < 8; word++) table[block * 8 + word] = words.readInt32LE(word * 4);
  }
  return table;
}
