/** Small edits all over a tree: ten bytes in the middle of a file, another file each time. */
import { closeSync, lstatSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../data/seeded-random.mjs";
import { pickFiles } from "./edit-files.mjs";

const SEED = 4;
const EDIT_BYTES = 10;
/** Looked at, so that enough of them have a usual size. */
const CANDIDATE_COUNT = 3_000;
const SIZE_MIN_BYTES = 1024;
const SIZE_MAX_BYTES = 64 * 1024;

/** Edits copies of one tree. */
export class FileEditor {
  #files;

  /** @param {string} tree the original: which files are edited depends on it alone */
  constructor(tree) {
    this.#files = pickFiles(tree, CANDIDATE_COUNT)
      .map((path) => ({ path, size: lstatSync(join(tree, path)).size }))
      .filter(({ size }) => size >= SIZE_MIN_BYTES && size <= SIZE_MAX_BYTES);
    if (this.#files.length === 0) throw new RangeError(`Cannot edit ${tree}: it has no such files`);
  }

  /**
   * Overwrites ten bytes of a file and returns its path in the tree.
   * @param {string} copy
   * @param {number} index another one edits another file, as long as there are some
   */
  edit(copy, index) {
    const { length } = this.#files;
    // Neighbours in the list are neighbours in the tree: a stride with no common factor visits all.
    const { path, size } = /** @type {{ path: string, size: number }} */ (
      this.#files[(index * coprimeStride(length)) % length]
    );
    const random = new SeededRandom(SEED, index);
    const file = openSync(join(copy, path), "r+");
    try {
      writeSync(file, random.letters(EDIT_BYTES), 0, EDIT_BYTES, random.below(size - EDIT_BYTES));
    } finally {
      closeSync(file);
    }
    return path;
  }
}

/**
 * Returns a number near the golden section of a length that has no factor in common with it.
 * @param {number} length
 */
function coprimeStride(length) {
  let stride = Math.max(1, Math.round(length * 0.618));
  while (greatestCommonDivisor(stride, length) > 1) stride += 1;
  return stride;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
