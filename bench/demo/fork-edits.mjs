/**
 * One edit for each of several copies of a directory, each in its own way and place; which ones depends on the
 * directory alone.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EDITS, INSERTED, pickFiles } from "./edit-copy.mjs";

/**
 * Returns an edit for each copy: it takes the copy's path and says what it did.
 * @param {string} directory the original
 * @param {number} count
 * @returns {import("./edit-copy.mjs").Edit[]}
 */
export function forkEdits(directory, count) {
  const files = pickFiles(directory, EDITS.length);
  const edits = EDITS.slice(0, files.length).map(
    (edit, index) => (/** @type {string} */ copy) =>
      edit(join(copy, /** @type {string} */ (files[index]))),
  );
  /** @type {import("./edit-copy.mjs").Edit[]} */
  const others = [
    (copy) => {
      writeFileSync(join(copy, "coppice-demo.txt"), INSERTED);
      return "a file added";
    },
    (copy) => {
      mkdirSync(join(copy, "coppice-demo"));
      for (let index = 0; index < 3; index++) {
        writeFileSync(join(copy, "coppice-demo", `${index}.txt`), `${INSERTED}${index}`);
      }
      return "a directory with three files added";
    },
  ];
  const all = [...edits, ...others];
  return Array.from(
    { length: count },
    (_, index) => /** @type {import("./edit-copy.mjs").Edit} */ (all[index % all.length]),
  );
}
