/**
 * The generated tree: 100,000 files of 500 MB in 1,110 directories, three deep. Sizes follow a log-normal
 * distribution like that of real source trees (median about 1 KB, a few over 1 MB); one file
 * in ten repeats the content of another; the text compresses to about half.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "./seeded-random.mjs";

const SEED = 1;
const FILE_COUNT = 100_000;
const TOTAL_BYTES = 500_000_000;
const FILES_PER_DIRECTORY = 100;
/** Spread of the logarithm of the size: the mean is five times the median. */
const SIGMA = 1.8;
/** Every tenth file has the content of the file five before it. */
const REPEAT_EVERY = 10;
const REPEAT_DISTANCE = 5;

/** @type {import("./data-set.mjs").DataSet} */
export const generatedTree = {
  name: "generated",
  description: "100,000 seeded files of 500 MB, one in ten a repetition",
  recipe: () => `version 1, seed ${SEED}, ${FILE_COUNT} files, ${TOTAL_BYTES} bytes`,
  make(directory) {
    const sizes = fileSizes();
    for (let index = 0; index < FILE_COUNT; index += 1) {
      const folder = join(directory, folderOf(Math.floor(index / FILES_PER_DIRECTORY)));
      if (index % FILES_PER_DIRECTORY === 0) mkdirSync(folder, { recursive: true });
      const size = /** @type {number} */ (sizes[index]);
      const content = new SeededRandom(SEED, contentOf(index)).letters(size);
      writeFileSync(join(folder, `file-${String(index).padStart(6, "0")}.txt`), content);
    }
  },
};

/** Returns the path of one of the 1,000 leaf directories. @param {number} index */
function folderOf(index) {
  const digits = String(index).padStart(3, "0");
  return join(`a${digits[0]}`, `b${digits[1]}`, `c${digits[2]}`);
}

/** Returns which file's content a file has: its own, or an earlier one's. @param {number} index */
function contentOf(index) {
  return index % REPEAT_EVERY === REPEAT_EVERY - 1 ? index - REPEAT_DISTANCE : index;
}

/** Returns the sizes of all files, which add up to TOTAL_BYTES to within a rounding error. */
function fileSizes() {
  const random = new SeededRandom(SEED, FILE_COUNT);
  const weights = Array.from({ length: FILE_COUNT }, () => Math.exp(SIGMA * random.gaussian()));
  const repeated = weights.map((_, index) => /** @type {number} */ (weights[contentOf(index)]));
  const sum = repeated.reduce((total, weight) => total + weight, 0);
  return repeated.map((weight) => Math.round((weight / sum) * TOTAL_BYTES));
}
