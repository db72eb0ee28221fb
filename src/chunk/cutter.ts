/**
 * The cutter: tells where the next chunk or hole of a file ends, from a window
 * into which the caller reads the file.
 *
 * Protocol: `begin` a file, read its bytes into `window`, call `next` until it
 * returns 0, move what is left to the window's front, read on. FORMAT.md defines
 * the cuts. Invariants:
 *
 * (C1) The cuts depend on the file's bytes and size alone, not on how they were fed.
 * (C2) Pieces follow one another without a gap and end where the file ends.
 */
import { createJavascriptGear } from "./gear-javascript.js";
import { coarseGear } from "./gear-parameters.js";
import type { GearScan } from "./gear-scan.js";
import { createWebassemblyGear } from "./gear-webassembly.js";
import { holeLookaheadBytes } from "./hole-search.js";
import { type CutPlan, wholeFileBytesMax } from "./plan-cuts.js";
import { WindowCutter } from "./window-cutter.js";

/** With so many bytes of the file in the window, or all that are left of it, `next` never asks for more. */
export const lookaheadMax = Math.max(
  wholeFileBytesMax,
  coarseGear.chunkSizeMax + holeLookaheadBytes,
);

/** The smallest window: four times what one cut looks at, so that little is moved between reads. */
const windowBytesMin = 262_144;

/** The largest window: the WebAssembly search compares addresses as signed numbers. */
const windowBytesMax = 1_073_741_824;

/** How a cutter is made. */
export interface CutterOptions {
  /** Size of the window in bytes: a multiple of 65,536 from 262,144 to 1,073,741,824. */
  readonly windowBytes: number;
  /**
   * Which code searches for cuts; both cut alike.
   * @default "webassembly" where the runtime has it, else "javascript"
   */
  readonly implementation?: GearScan["implementation"];
}

/** Cuts one file after the other; not to be shared by two files at a time. */
export interface Cutter {
  readonly implementation: GearScan["implementation"];
  /** Memory that the caller reads file data into. It belongs to the cutter, which never writes to it. */
  readonly window: Buffer;
  /** Starts a file at its first byte and forgets the one before. */
  begin(plan: CutPlan): void;
  /**
   * Returns the next piece of the file, whose bytes from the end of the last piece on are
   * `window[start, end)`: `n > 0`: its next n bytes are a chunk; `n < 0`: its next -n bytes
   * are a hole or a part of one, which the next piece may continue; 0: more bytes are needed
   * (fewer than {@link lookaheadMax} were given and the file goes on) or the file is over.
   *
   * A hole is at most as long as what was given; consecutive pieces of it are one hole.
   * Cost: looks at each byte of a chunk about once, less the part below the minimum size.
   *
   * @param final whether the file ends at `end`; known anyway when all of the plan's bytes were given
   * @throws {RangeError} when the range is not within the window or reaches beyond the planned size
   */
  next(start: number, end: number, final: boolean): number;
  /**
   * Continues a hole over bytes that need not be read, as the file system reports a hole there.
   *
   * Allowed when the last piece was a hole. The result is as if zeros had been fed.
   *
   * @param sizeBytes a multiple of 16,384, or all the bytes that are left of the file
   * @throws {RangeError} when the last piece was no hole, or for any other size
   */
  skipZeros(sizeBytes: number): void;
}

/**
 * Returns a new cutter with a window of its own.
 *
 * @example
 * ```ts
 * const cutter = createCutter({ windowBytes: 1_048_576 });
 * cutter.begin(planCuts(sizeBytes, head));
 * let position = 0, start = 0, end = 0, final = false;
 * while (true) {
 *   const piece = cutter.next(start, end, final);
 *   if (piece > 0) keepChunk(cutter.window.subarray(start, start + piece));
 *   if (piece < 0) keepHole(-piece);
 *   start += Math.abs(piece);
 *   if (piece !== 0) continue;
 *   if (final) break;
 *   cutter.window.copyWithin(0, start, end);
 *   end -= start;
 *   start = 0;
 *   const want = Math.min(cutter.window.length - end, sizeBytes - position);
 *   const got = readSync(file, cutter.window, end, want, position);
 *   end += got;
 *   position += got;
 *   final = got === 0 || position === sizeBytes;
 * }
 * ```
 * @throws {RangeError} when the size of the window is not allowed
 */
export function createCutter({ windowBytes, implementation }: CutterOptions): Cutter {
  const inRange = windowBytes >= windowBytesMin && windowBytes <= windowBytesMax;
  if (!inRange || windowBytes % 65_536 !== 0) {
    throw new RangeError(
      `Cannot create cutter: the window has ${windowBytes} bytes, give a multiple of 65536 from ${windowBytesMin} to ${windowBytesMax}`,
    );
  }
  const chosen =
    implementation ?? (typeof WebAssembly === "undefined" ? "javascript" : "webassembly");
  return new WindowCutter(
    chosen === "webassembly"
      ? createWebassemblyGear(windowBytes)
      : createJavascriptGear(windowBytes),
  );
}
