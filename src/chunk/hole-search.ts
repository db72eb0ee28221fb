import { isZero, zeroBlockBytes } from "./zeros.js";

/** Holes of gear-cut files begin and end on this grid of the file: the block of every Linux file system that maps packs. */
export const holeBlockBytes = 4_096;

/** Runs of fewer zero blocks stay data: under 16 KiB an extent costs more than it saves. */
const holeBlocksMin = 4;

/** From a place that is searched for a hole's start, so many bytes must be at hand to decide (block alignment, and the shortest hole). */
export const holeLookaheadBytes = holeBlockBytes + holeBlocksMin * holeBlockBytes;

/**
 * Finds where the next hole starts in a file that is seen through a window.
 *
 * (H1) Every hole that starts below `#examined` has been found, and is either
 *      `#found` or behind the caller. `#examined` is on the grid and never behind the caller,
 *      who goes on by no more than the `reach` that was searched.
 * (H2) A caller that stands in data never stands inside a hole: it was told where
 *      the hole starts and stopped there. So a zero block at `#examined` begins a run.
 * Together they mean that each block is looked at once, however many chunks lie in it.
 */
export class HoleSearch {
  #examined = 0;
  #found = Infinity;

  /** Forgets the file seen so far. */
  reset(): void {
    this.#examined = 0;
    this.#found = Infinity;
  }

  /** Says that `offset` is where a hole ended: the block there, if there is one, is not zero. */
  leave(offset: number): void {
    this.#examined = offset;
    this.#found = Infinity;
  }

  /**
   * Returns the file offset of a hole that starts at `offset` or later, the first one if it starts
   * before `offset + reach`; `Infinity` if it is not yet known or there is none.
   *
   * @param window holds the file's bytes from `offset` on in `[start, end)`
   * @param final whether the file ends at `end`; if not, `end - start >= reach + holeLookaheadBytes`
   */
  next(
    window: Buffer,
    start: number,
    end: number,
    offset: number,
    reach: number,
    final: boolean,
  ): number {
    if (this.#found !== Infinity) return this.#found;
    const base = start - offset;
    const limit = Math.min(offset + reach, end - base);
    let at = this.#examined;
    while (at < limit) {
      const blockStart = base + at;
      if (isZero(window, blockStart, Math.min(blockStart + holeBlockBytes, end))) {
        const run = zeroBlockBytes(window, blockStart, end, holeBlockBytes, final, holeBlocksMin);
        if (run > (holeBlocksMin - 1) * holeBlockBytes) {
          this.#examined = at;
          this.#found = at;
          return at;
        }
        at += run;
      }
      // The block that ended the run, or was none, is not zero.
      at += holeBlockBytes;
    }
    this.#examined = at;
    return Infinity;
  }
}
