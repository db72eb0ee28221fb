/**
 * just-bash: its `OverlayFs`, whose lower side is a directory on disk that is read by each call. It has no call that forks: a
 * second one on the same directory starts as the directory is, without what was written to the first. So only what nothing
 * was written to is forked here. It keeps no states, and renames by copying.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OverlayFs } from "just-bash";
import { treeFiles } from "./tree-files.mjs";

/** @type {import("./caller.mjs").MakeCaller} */
export async function justBashCaller({ directory, count }) {
  const root = join(directory, "tree");
  if (!existsSync(root)) makeTree(root, count);
  return callerOf(root);
}

/**
 * @param {string} root
 * @param {number} count
 */
function makeTree(root, count) {
  const partial = `${root}.partial`;
  for (const { directory, files } of treeFiles(count)) {
    mkdirSync(join(partial, directory), { recursive: true });
    for (const { path, bytes } of files) writeFileSync(join(partial, path), bytes);
  }
  renameSync(partial, root);
}

/**
 * @param {string} root
 * @returns {import("./caller.mjs").Caller}
 */
function callerOf(root) {
  const overlay = new OverlayFs({ root, mountPoint: "/" });
  return {
    files: {
      readFile: (path) => overlay.readFileBuffer(path),
      writeFile: (path, bytes) => overlay.writeFile(path, bytes),
      stat: (path) => overlay.stat(path),
      readdir: (path) => overlay.readdir(path),
      rename: (from, to) => overlay.mv(from, to),
      unlink: (path) => overlay.rm(path),
    },
    fork: () => callerOf(root),
    close: () => undefined,
  };
}
