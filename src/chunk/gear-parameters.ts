/**
 * The limits and thresholds of content-defined cutting. They belong to the
 * format: FORMAT.md says what was measured to choose them.
 */

/** How one file is cut by the gear hash; lengths are in bytes. */
export interface GearParameters {
  /** No chunk is shorter, except the last one before a hole or the file's end. */
  readonly chunkSizeMin: number;
  /** Up to this length the stricter threshold applies, beyond it the looser one (normalised chunking). */
  readonly chunkSizeNormal: number;
  /** No chunk is longer. */
  readonly chunkSizeMax: number;
  /** Up to the normal length: cut where the signed 32-bit hash is less than this. */
  readonly strictBelow: number;
  /** Beyond the normal length: cut where the signed 32-bit hash is less than this. */
  readonly looseBelow: number;
}

/**
 * Bytes whose values decide whether a cut lies behind the last of them: a 32-bit
 * hash that is shifted by one bit a byte has forgotten everything before them.
 */
export const gearWindowBytes = 32;

/** Files of at least this many bytes are cut four times coarser: 1 GiB then has 54,000 chunks, not 215,000. */
export const coarseFromBytes = 1_073_741_824;

/** For files under 1 GiB: 5,000 bytes on average, the largest that meets the growth targets with a margin (FORMAT.md). */
export const fineGear: GearParameters = {
  chunkSizeMin: 3_072,
  chunkSizeNormal: 5_120,
  chunkSizeMax: 8_192,
  strictBelow: oncePer(2_560),
  looseBelow: oncePer(1_280),
};

/** For files of 1 GiB and more: every length of {@link fineGear} times four, 20,000 bytes on average. */
export const coarseGear: GearParameters = {
  chunkSizeMin: 12_288,
  chunkSizeNormal: 20_480,
  chunkSizeMax: 32_768,
  strictBelow: oncePer(10_240),
  looseBelow: oncePer(5_120),
};

/** Returns the threshold that one of `positions` random 32-bit hashes lies below. */
function oncePer(positions: number): number {
  return -0x8000_0000 + Math.floor(0x1_0000_0000 / positions);
}
