/**
 * Checks that a restored or forked tree has the files of the original, with their bytes. Empty directories and metadata are
 * left to the tests: not all rivals keep them.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { walkTree } from "./measure-tree.mjs";

/**
 * Throws unless both trees hold the same files and symbolic links with the same content.
 * @param {string} source
 * @param {string} target
 * @param {readonly string[]} [ownNames] of the target, which are no difference
 */
export function assertSameFiles(source, target, ownNames = []) {
  const left = contentPaths(source);
  const right = contentPaths(target).filter(({ path }) => !ownNames.includes(path));
  if (left.length !== right.length) {
    throw new Error(`Tree differs: ${right.length} files, expected ${left.length}`);
  }
  for (const [index, entry] of left.entries()) {
    const other = right[index];
    if (other?.path !== entry.path || other.isFile !== entry.isFile) {
      throw new Error(`Tree differs: ${other?.path} where ${entry.path} was expected`);
    }
    if (!sameContent(join(source, entry.path), join(target, entry.path), entry.isFile)) {
      throw new Error(`Tree differs: the content of ${entry.path}`);
    }
  }
}

/** @param {string} root */
function contentPaths(root) {
  return [...walkTree(root)].filter((entry) => !entry.isDirectory);
}

/**
 * @param {string} source
 * @param {string} target
 * @param {boolean} isFile
 */
function sameContent(source, target, isFile) {
  if (isFile) return readFileSync(source).equals(readFileSync(target));
  return readlinkSync(source) === readlinkSync(target);
}
