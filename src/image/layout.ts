/**
 * Numbers of the EROFS format that more than one codec needs (see FORMAT.md).
 */

/** The unit of the image: the page of x86-64, and what the packs' phase is in. */
export const BLOCK_BYTES = 4096;

/** Inodes lie on multiples of this; an inode's number is its position in these. */
export const SLOT_BYTES = 32;

/** A block address that stands for zeros. */
export const NO_BLOCK = 0xffff_ffff;

/** How an inode's bytes lie: `i_format`, bits 1 to 3. */
export const DATA_LAYOUTS = { plain: 0, inline: 2, chunks: 4 } as const;

/** Returns the number of blocks that some bytes take. */
export function blockCount(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}

/** Returns the least multiple of a unit that is not below a number. */
export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
