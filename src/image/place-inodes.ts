/**
 * Place inodes: where each inode of a plan lies in the image.
 *
 * An inode never crosses the end of a block, and what lies inline behind one lies in its block. Where the next inode
 * does not fit into what is left of a block, the rest is remembered and filled by later, smaller ones.
 */
import { outerBlocks } from "./directory-codec.js";
import type { ImageInode } from "./image-inode.js";
import { coreBytes, fitsCompact, inlineBytesMax, trailingBytes } from "./inode-codec.js";
import { alignUp, BLOCK_BYTES, SLOT_BYTES } from "./layout.js";
import type { ImagePlan } from "./plan-image.js";

/** So many unfilled ends of blocks are remembered. More fill a little better and take longer to search. */
const GAPS_MAX = 16;

/**
 * Sets position, form and tails of all inodes, and the places of directories.
 *
 * @param start the first byte that is free; the root lies there
 * @returns the byte behind the last inode, and the blocks of all directories
 */
export function placeInodes(
  plan: Pick<ImagePlan, "inodes" | "time">,
  start: number,
): { readonly end: number; readonly directoryBlocks: number } {
  const space = new InodeSpace(start);
  let directoryBlocks = 0;
  for (const inode of plan.inodes) {
    inode.isCompact = fitsCompact(inode, plan.time);
    if (inode.body.form === "directory") {
      const { directory } = inode.body;
      const tail = ((directory.sizeBytes - 1) % BLOCK_BYTES) + 1;
      directory.tailBytes = tail <= inlineBytesMax(inode) ? tail : 0;
      directory.block = directoryBlocks;
      directoryBlocks += outerBlocks(directory);
    }
    const core = coreBytes(inode);
    const trailing = trailingBytes(inode);
    const isWhole = inode.body.form !== "chunks" && trailing > 0;
    inode.position = space.take(core + trailing, isWhole);
  }
  return { end: space.end, directoryBlocks };
}

/** Returns how many bytes an inode takes with what lies behind it. */
export function inodeBytes(inode: ImageInode): number {
  return coreBytes(inode) + trailingBytes(inode);
}

class InodeSpace {
  #end: number;
  /** Start and length of what was left over, in no order. */
  readonly #gapStarts: number[] = [];
  readonly #gapLengths: number[] = [];

  constructor(start: number) {
    this.#end = start;
  }

  get end(): number {
    return this.#end;
  }

  /** @param isWhole whether all of it must lie in one block, not only the inode's 64 bytes */
  take(bytes: number, isWhole: boolean): number {
    const needed = alignUp(bytes, SLOT_BYTES);
    // In front of the end is where its neighbours are; but a gap that is not filled is lost.
    const filled = this.#fill(needed);
    if (filled !== undefined) return filled;
    const room = BLOCK_BYTES - (this.#end % BLOCK_BYTES);
    const indivisible = isWhole || needed <= BLOCK_BYTES ? needed : 2 * SLOT_BYTES;
    if (room < indivisible) {
      this.#remember(this.#end, room);
      this.#end += room;
    }
    const position = this.#end;
    this.#end += needed;
    return position;
  }

  /** Takes the smallest gap that is large enough. */
  #fill(needed: number): number | undefined {
    let best = -1;
    for (let index = 0; index < this.#gapLengths.length; index++) {
      const length = this.#gapLengths[index] as number;
      if (length >= needed && (best < 0 || length < (this.#gapLengths[best] as number)))
        best = index;
    }
    if (best < 0) return undefined;
    const position = this.#gapStarts[best] as number;
    this.#gapStarts[best] = position + needed;
    this.#gapLengths[best] = (this.#gapLengths[best] as number) - needed;
    return position;
  }

  #remember(start: number, length: number): void {
    let at = this.#gapLengths.length;
    if (at === GAPS_MAX) {
      at = 0;
      for (let index = 1; index < GAPS_MAX; index++)
        if ((this.#gapLengths[index] as number) < (this.#gapLengths[at] as number)) at = index;
    }
    this.#gapStarts[at] = start;
    this.#gapLengths[at] = length;
  }
}
