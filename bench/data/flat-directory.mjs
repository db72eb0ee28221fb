/**
 * One directory of 100,000 small files: what a tree object costs that cannot be cut by
 * subdirectory.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "./seeded-random.mjs";

const SEED = 3;
const FILE_COUNT = 100_000;
const SIZE_MIN_BYTES = 20;
const SIZE_SPREAD_BYTES = 100;

/** @type {import("./data-set.mjs").DataSet} */
export const flatDirectory = {
  name: "flat",
  description: "one directory of 100,000 files of 20 to 119 bytes",
  recipe: () => `version 1, seed ${SEED}, ${FILE_COUNT} files`,
  make(directory) {
    for (let index = 0; index < FILE_COUNT; index += 1) {
      const random = new SeededRandom(SEED, index);
      const content = random.letters(SIZE_MIN_BYTES + random.below(SIZE_SPREAD_BYTES));
      writeFileSync(join(directory, flatFileName(index)), content);
    }
  },
};

/** Returns the name of one of the files. @param {number} index 0 to 99,999 */
export function flatFileName(index) {
  return `entry-${String(index).padStart(6, "0")}.txt`;
}
