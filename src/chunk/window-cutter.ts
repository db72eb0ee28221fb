import type { Cutter } from "./cutter.js";
import { type GearParameters, gearWindowBytes } from "./gear-parameters.js";
import type { GearScan } from "./gear-scan.js";
import { HoleSearch, holeBlockBytes, holeLookaheadBytes } from "./hole-search.js";
import type { CutPlan } from "./plan-cuts.js";
import { isZero, zeroBlockBytes } from "./zeros.js";

/** The largest page size: what a hole may be skipped by, whatever the plan. */
const skipStepBytes = 16_384;

/** The cutter over either search for cuts; {@link Cutter} says what it does. */
export class WindowCutter implements Cutter {
  readonly #gear: GearScan;
  readonly #holes = new HoleSearch();
  #plan: CutPlan = { strategy: "whole", sizeBytes: 0 };
  /** File offset of the next piece. */
  #offset = 0;
  /** Whether the last piece was a hole. */
  #inHole = false;

  constructor(gear: GearScan) {
    this.#gear = gear;
  }

  get implementation(): GearScan["implementation"] {
    return this.#gear.implementation;
  }

  get window(): Buffer {
    return this.#gear.window;
  }

  begin(plan: CutPlan): void {
    this.#plan = plan;
    this.#offset = 0;
    this.#inHole = false;
    this.#holes.reset();
  }

  next(start: number, end: number, final: boolean): number {
    const left = this.#plan.sizeBytes - this.#offset;
    if (!(start >= 0 && start <= end && end <= this.window.length && end - start <= left)) {
      throw new RangeError(
        `Cannot cut: [${start}, ${end}) of the window given, ${left} bytes of the file are left`,
      );
    }
    if (start === end) return 0;
    const piece = this.#piece(start, end, final || end - start === left);
    this.#offset += Math.abs(piece);
    if (piece !== 0) this.#inHole = piece < 0;
    return piece;
  }

  skipZeros(sizeBytes: number): void {
    const left = this.#plan.sizeBytes - this.#offset;
    const allowed =
      sizeBytes === left || (sizeBytes > 0 && sizeBytes < left && sizeBytes % skipStepBytes === 0);
    if (!this.#inHole || !allowed) {
      throw new RangeError(
        `Cannot skip ${sizeBytes} bytes: ${this.#inHole ? `${left} are left of the file` : "the last piece is no hole"}`,
      );
    }
    this.#offset += sizeBytes;
  }

  #piece(start: number, end: number, final: boolean): number {
    const plan = this.#plan;
    switch (plan.strategy) {
      case "whole":
        return final ? end - start : 0;
      case "pages":
        return this.#page(start, end, plan.pageBytes, final);
      case "gear":
        return this.#segment(start, end, plan.parameters, final);
    }
  }

  /** One page, or as many zero pages as are at hand. */
  #page(start: number, end: number, pageBytes: number, final: boolean): number {
    if (!final && end - start < pageBytes) return 0;
    const pageEnd = Math.min(start + pageBytes, end);
    if (!isZero(this.window, start, pageEnd)) return pageEnd - start;
    return -zeroBlockBytes(this.window, start, end, pageBytes, final);
  }

  /** One chunk of the data between holes, or as much of a hole as is at hand. */
  #segment(start: number, end: number, parameters: GearParameters, final: boolean): number {
    const { chunkSizeMin, chunkSizeNormal, chunkSizeMax, strictBelow, looseBelow } = parameters;
    const offset = this.#offset;
    if (!final && end - start < chunkSizeMax + holeLookaheadBytes) return 0;

    if (this.#inHole) {
      const more = zeroBlockBytes(this.window, start, end, holeBlockBytes, final);
      if (more > 0) return -more;
      this.#holes.leave(offset);
    }
    const hole = this.#holes.next(this.window, start, end, offset, chunkSizeMax, final);
    if (hole === offset) return -zeroBlockBytes(this.window, start, end, holeBlockBytes, final);

    const segmentEnd = Math.min(start + chunkSizeMax, end, start + (hole - offset));
    if (segmentEnd - start <= chunkSizeMin) return segmentEnd - start;
    const from = start + chunkSizeMin - gearWindowBytes;
    const normal = Math.min(start + chunkSizeNormal, segmentEnd);
    return this.#gear.next(from, normal, segmentEnd, strictBelow, looseBelow) - start;
  }
}
