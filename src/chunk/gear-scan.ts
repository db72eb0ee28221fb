/**
 * What differs between the implementations of the cutter: memory to read file
 * data into, and the search for the next cut in it.
 */
export interface GearScan {
  readonly implementation: "webassembly" | "javascript";
  /** Memory that the caller reads file data into; it belongs to this object. */
  readonly window: Buffer;
  /**
   * Returns the first cut in `[from + 32, end]`, as the index in `window` of the byte behind it.
   *
   * The hash starts at zero at `from`. A cut lies behind a byte where the hash is
   * less than `strictBelow`, for a byte at `normal` or later less than `looseBelow`;
   * where there is none it is `end`. The caller keeps `from + 32 <= normal <= end`
   * and all of it within the window. Cost: reads every byte up to the cut once.
   */
  next(from: number, normal: number, end: number, strictBelow: number, looseBelow: number): number;
}
