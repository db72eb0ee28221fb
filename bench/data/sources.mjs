/**
 * Sources: 16,000 JavaScript, TypeScript and JSON files of the real tree, picked by the hash of
 * their path. Passed over are files over 1 MiB, which are bundles, and those under 512 bytes,
 * the many one-line modules of packages, which would make the mean far less than that of
 * sources.
 */
import { createHash } from "node:crypto";
import { copyFileSync, lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { walkTree } from "../measure/measure-tree.mjs";
import { ensureDataSet } from "./data-set.mjs";
import { nodeModules } from "./node-modules.mjs";

const FILE_COUNT = 16_000;
const SIZE_MIN_BYTES = 512;
const SIZE_MAX_BYTES = 1024 * 1024;

/** @type {import("./data-set.mjs").DataSet} */
export const sources = {
  name: "sources",
  description: "16,000 JavaScript, TypeScript and JSON files of the real tree",
  recipe: () => `version 1 of ${FILE_COUNT} files from ${nodeModules.recipe()}`,
  make(directory) {
    const tree = ensureDataSet(nodeModules).path;
    for (const path of pickPaths(tree)) {
      const target = join(directory, path);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(tree, path), target);
    }
  },
};

/**
 * @param {string} tree
 * @returns {string[]}
 */
function pickPaths(tree) {
  const ranked = [];
  for (const { path, isFile } of walkTree(tree)) {
    if (!isFile || !/\.(js|ts|json)$/.test(path)) continue;
    const { size } = lstatSync(join(tree, path));
    if (size < SIZE_MIN_BYTES || size > SIZE_MAX_BYTES) continue;
    ranked.push({ path, rank: createHash("sha256").update(path).digest("hex") });
  }
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked.slice(0, FILE_COUNT).map(({ path }) => path);
}
