/**
 * The cuts of FORMAT.md, written down from it as naively as can be: one byte at a
 * time, unsigned arithmetic, the whole file in memory. Shares nothing with the engine.
 */
import { createHash } from "node:crypto";

const table: number[] = [];
for (let block = 0; block < 32; block++) {
  const digest = createHash("sha256")
    .update(`Coppice gear table, version 1${String.fromCharCode(block)}`, "latin1")
    .digest();
  for (let at = 0; at < 32; at += 4) table.push(digest.readUInt32LE(at));
}

/** Minimum, normal and maximum length, and how many of 2^32 hashes cut: strict, loose. */
export const fine = { min: 3072, normal: 5120, max: 8192, strict: 1_677_721, loose: 3_355_443 };
export const coarse = { min: 12_288, normal: 20_480, max: 32_768, strict: 419_430, loose: 838_860 };

/** Returns the pieces of a page-cut file, holes negative. */
export function referencePages(data: Uint8Array, pageBytes: number): number[] {
  const holes = zeroRuns(data, pageBytes, 1);
  return weave(data, holes, (start, end) => {
    const lengths: number[] = [];
    for (let at = start; at < end; at += pageBytes) lengths.push(Math.min(pageBytes, end - at));
    return lengths;
  });
}

/** Returns the pieces of a gear-cut file, holes negative. */
export function referenceGear(data: Uint8Array, limits: typeof fine): number[] {
  return weave(data, zeroRuns(data, 4096, 4), (start, end) => {
    const lengths: number[] = [];
    for (let at = start; at < end; at += lengths.at(-1)!)
      lengths.push(gearLength(data.subarray(at, end), limits));
    return lengths;
  });
}

function gearLength(rest: Uint8Array, { min, normal, max, strict, loose }: typeof fine): number {
  for (let length = min; length < Math.min(max, rest.length); length++) {
    let hash = 0;
    for (const byte of rest.subarray(length - 32, length))
      hash = (hash * 2 + table[byte]!) % 0x1_0000_0000;
    const rank = (hash + 0x8000_0000) % 0x1_0000_0000;
    if (rank < (length <= normal ? strict : loose)) return length;
  }
  return Math.min(max, rest.length);
}

/** The maximal runs of at least `blocksMin` zero blocks, as [start, end) in bytes. */
function zeroRuns(data: Uint8Array, blockBytes: number, blocksMin: number): [number, number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < data.length; ) {
    let end = at;
    let blocks = 0;
    while (end < data.length && data.subarray(end, end + blockBytes).every((byte) => byte === 0)) {
      end = Math.min(end + blockBytes, data.length);
      blocks++;
    }
    if (blocks >= blocksMin) runs.push([at, end]);
    at = blocks === 0 ? at + blockBytes : end;
  }
  return runs;
}

function weave(
  data: Uint8Array,
  holes: [number, number][],
  cut: (start: number, end: number) => number[],
): number[] {
  const pieces: number[] = [];
  let at = 0;
  for (const [start, end] of holes) {
    pieces.push(...cut(at, start), start - end);
    at = end;
  }
  return [...pieces, ...cut(at, data.length)];
}
