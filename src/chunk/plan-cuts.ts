import { coarseFromBytes, coarseGear, fineGear, type GearParameters } from "./gear-parameters.js";
import { headBytes, pageFormat } from "./page-formats.js";

/** Files of at most this many bytes are one chunk: 96 in 100 files of a real tree are under 16 KiB. */
export const wholeFileBytesMax = 65_536;

/** How one file is cut: a function of its size and its first bytes alone. */
export type CutPlan = WholePlan | PagePlan | GearPlan;

/** One chunk, and no hole, whatever the bytes are. */
export interface WholePlan {
  readonly strategy: "whole";
  readonly sizeBytes: number;
}

/** A chunk for each page; a page of zeros is a hole. */
export interface PagePlan {
  readonly strategy: "pages";
  readonly sizeBytes: number;
  readonly pageBytes: number;
  /** The format recognised, for reports. */
  readonly format: string;
}

/** Content-defined cuts between holes. */
export interface GearPlan {
  readonly strategy: "gear";
  readonly sizeBytes: number;
  readonly parameters: GearParameters;
}

/**
 * Returns how a file is cut.
 *
 * @param sizeBytes the file's size
 * @param head its first 4,104 bytes (`headBytes`) or more; may be shorter only if the file is, or if it has at most 65,536 bytes
 * @throws {RangeError} when the size is not a whole number from 0 to 2^53 - 1, or `head` is too short to decide
 */
export function planCuts(sizeBytes: number, head: Uint8Array): CutPlan {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new RangeError(
      `Cannot plan cuts: the size is ${sizeBytes}, give a whole number of bytes`,
    );
  }
  if (sizeBytes <= wholeFileBytesMax) return { strategy: "whole", sizeBytes };
  if (head.length < headBytes) {
    throw new RangeError(`Cannot plan cuts: ${head.length} first bytes given, give ${headBytes}`);
  }

  const coarse = sizeBytes >= coarseFromBytes;
  const format = pageFormat(head);
  if (format === undefined)
    return { strategy: "gear", sizeBytes, parameters: coarse ? coarseGear : fineGear };
  const pageBytes = coarse && format.kind === "image" ? 16_384 : 4_096;
  return { strategy: "pages", sizeBytes, pageBytes, format: format.name };
}
