/**
 * Changes a few files of a directory, one in each way that a diff can tell; which ones depends on the
 * directory alone.
 */
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { walkTree } from "../measure/measure-tree.mjs";

/** What is put into files. */
export const INSERTED = "coppiced! ";
/** A file up to this size is read and written whole to insert something. */
const INSERT_BYTES_MAX = 256 * 1024 * 1024;

/** @typedef {(path: string) => string} Edit changes a file and says how */

/** @type {readonly Edit[]} */
export const EDITS = [
  (path) => {
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    writeFileSync(
      path,
      Buffer.concat([bytes.subarray(0, middle), Buffer.from(INSERTED), bytes.subarray(middle)]),
    );
    return `${INSERTED.length} bytes put into the middle of the largest file`;
  },
  (path) => {
    appendFileSync(path, `\n${INSERTED}\n`);
    return "a line added to the end of another";
  },
  (path) => {
    renameSync(path, `${path}.renamed`);
    return "a file renamed";
  },
  (path) => {
    chmodSync(path, lstatSync(path).mode ^ 0o111);
    return "a file made executable";
  },
  (path) => {
    rmSync(path);
    return "a file removed";
  },
  (path) => {
    rmSync(path);
    symlinkSync("nowhere", path);
    return "a file replaced by a symbolic link";
  },
];

/**
 * Changes as many files as there are kinds of changes, or fewer where there are not so many.
 * @param {string} directory
 * @returns {string[]} what was done
 */
export function editCopy(directory) {
  const files = pickFiles(directory, EDITS.length);
  const done = EDITS.slice(0, files.length).map((edit, index) =>
    edit(join(directory, /** @type {string} */ (files[index]))),
  );
  writeFileSync(join(directory, "coppice-demo.txt"), INSERTED);
  return [...done, "a file added"];
}

/**
 * Returns the largest file and others that lie evenly through the directory, none of them empty.
 * @param {string} directory
 * @param {number} count
 */
export function pickFiles(directory, count) {
  const files = [...walkTree(directory)]
    .filter((entry) => entry.isFile)
    .map(({ path }) => ({ path, stat: lstatSync(join(directory, path)) }))
    // A file with several names would change under all of them.
    .filter(({ stat }) => stat.size > 0 && stat.size <= INSERT_BYTES_MAX && stat.nlink === 1);
  const largest = files.reduce(
    (best, each) => (best === undefined || each.stat.size > best.stat.size ? each : best),
    files[0],
  );
  if (largest === undefined) return [];
  const others = files.filter((each) => each !== largest);
  const step = Math.max(1, Math.floor(others.length / count));
  const picked = others.filter((_, index) => index % step === 0).slice(0, count - 1);
  return [largest, ...picked].map(({ path }) => path);
}
