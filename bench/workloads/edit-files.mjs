/** Changes files the way that programs do: in the middle, at the start, at the end. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../data/seeded-random.mjs";
import { walkTree } from "../measure/measure-tree.mjs";

/**
 * Returns the paths of `count` files spread evenly over a tree. The same tree gives the same
 * paths.
 * @param {string} tree
 * @param {number} count
 * @returns {string[]}
 */
export function pickFiles(tree, count) {
  const paths = [...walkTree(tree)].filter((entry) => entry.isFile).map((entry) => entry.path);
  if (paths.length < count) throw new RangeError(`Cannot pick ${count} of ${paths.length} files`);
  return Array.from(
    { length: count },
    (_, index) => /** @type {string} */ (paths[Math.floor(((index + 0.5) * paths.length) / count)]),
  );
}

/**
 * Appends a line to each file; no line is like another.
 * @param {string} tree
 * @param {readonly string[]} paths
 * @param {number} seed
 */
export function appendToFiles(tree, paths, seed) {
  for (const [index, path] of paths.entries()) {
    const line = new SeededRandom(seed, index).letters(40);
    writeFileSync(join(tree, path), Buffer.concat([line, Buffer.from("\n")]), { flag: "a" });
  }
}

/**
 * Overwrites bytes somewhere in a file; its size stays.
 * @param {string} path
 * @param {number} sizeBytes size of the file
 * @param {number} lengthBytes how many bytes
 * @param {SeededRandom} random says where and with what
 */
export function overwriteBytes(path, sizeBytes, lengthBytes, random) {
  const file = openSync(path, "r+");
  try {
    const bytes = random.bytes(lengthBytes);
    writeSync(file, bytes, 0, lengthBytes, random.below(sizeBytes - lengthBytes));
  } finally {
    closeSync(file);
  }
}

/**
 * Puts bytes before those of a file.
 * @param {string} path
 * @param {Buffer} bytes
 */
export function prependBytes(path, bytes) {
  writeFileSync(path, Buffer.concat([bytes, readFileSync(path)]));
}
