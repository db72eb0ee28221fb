/** Counts and walks trees: what the report says about the data, and what warms the page cache. */
import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

const READ_BYTES = 1024 * 1024;

/**
 * Yields the path of every entry below a directory with its kind, in the order of the names'
 * UTF-16 code units, so that what is picked from the list is the same on every machine.
 * @param {string} directory
 * @param {string} [prefix] path of `directory` relative to the root of the walk
 * @returns {Generator<{ path: string, isFile: boolean, isDirectory: boolean }>}
 */
export function* walkTree(directory, prefix = "") {
  const entries = readdirSync(directory, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(prefix, entry.name);
    yield { path, isFile: entry.isFile(), isDirectory: entry.isDirectory() };
    if (entry.isDirectory()) yield* walkTree(join(directory, entry.name), path);
  }
}

/**
 * Returns how many files, directories and bytes of file content a tree holds.
 * @param {string} root
 */
export function measureTree(root) {
  let files = 0;
  let directories = 0;
  let bytes = 0;
  for (const entry of walkTree(root)) {
    if (entry.isDirectory) directories += 1;
    if (!entry.isFile) continue;
    files += 1;
    bytes += lstatSync(join(root, entry.path)).size;
  }
  return { files, directories, bytes };
}

/**
 * Reads every file of a tree once, so that its data and its inodes are in the page cache.
 * @param {string} root
 */
export function readTreeOnce(root) {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (const entry of walkTree(root)) {
    if (!entry.isFile) continue;
    const file = openSync(join(root, entry.path), "r");
    while (readSync(file, buffer) > 0);
    closeSync(file);
  }
}
