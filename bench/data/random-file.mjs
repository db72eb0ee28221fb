/**
 * Single files of seeded random bytes, each alone in its directory: 32 MiB for the growth of the store,
 * and 4 GiB, written piece by piece, for the memory.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "./seeded-random.mjs";

const SEED = 2;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Name of the file within its directory. */
export const RANDOM_FILE_NAME = "random.bin";

/** The 32 MiB file. */
export const smallRandomFile = randomFile("random-32-mib", 32 * 1024 ** 2);

/** The 4 GiB file. */
export const largeRandomFile = randomFile("random-4-gib", 4 * 1024 ** 3);

/**
 * @param {string} name
 * @param {number} sizeBytes a multiple of the piece size
 * @returns {import("./data-set.mjs").DataSet}
 */
function randomFile(name, sizeBytes) {
  return {
    name,
    description: `one file of ${sizeBytes / 1024 ** 2} MiB of seeded random bytes`,
    recipe: () => `version 1, seed ${SEED}, ${sizeBytes} bytes`,
    make(directory) {
      const file = openSync(join(directory, RANDOM_FILE_NAME), "w");
      try {
        for (let offset = 0; offset < sizeBytes; offset += PIECE_BYTES) {
          writeSync(file, new SeededRandom(SEED, offset / PIECE_BYTES).bytes(PIECE_BYTES));
        }
      } finally {
        closeSync(file);
      }
    },
  };
}
