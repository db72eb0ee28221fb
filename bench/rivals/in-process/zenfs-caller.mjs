/**
 * ZenFS: its copy-on-write backend over files in memory. Another one over the same files is what comes nearest to a fork: what is
 * written to one is not seen by the other, as long as nobody writes to the files below. A fork of one that was written to
 * is one more over it, so that each generation is one more to look through. It keeps no states.
 */
import { CopyOnWrite, fs, InMemory, mount, resolveMountConfig, umount } from "@zenfs/core";
import { treeFiles } from "./tree-files.mjs";

let mountCount = 0;

/** @type {import("./caller.mjs").MakeCaller} */
export async function zenfsCaller({ count }) {
  const files = await resolveMountConfig({ backend: InMemory, label: "files" });
  mount("/filling", files);
  for (const { directory, files: each } of treeFiles(count)) {
    fs.mkdirSync(`/filling${directory}`, { recursive: true });
    for (const { path, bytes } of each) fs.writeFileSync(`/filling${path}`, bytes);
  }
  umount("/filling");
  return forkOf(files);
}

/**
 * @param {any} below
 * @returns {Promise<import("./caller.mjs").Caller>}
 */
async function forkOf(below) {
  mountCount += 1;
  const top = `/fork-${mountCount}`;
  const layer = await resolveMountConfig({
    backend: CopyOnWrite,
    readable: below,
    writable: { backend: InMemory, label: top },
  });
  mount(top, layer);
  return {
    files: {
      readFile: (path) => fs.promises.readFile(top + path),
      writeFile: (path, bytes) => fs.promises.writeFile(top + path, bytes),
      stat: (path) => fs.promises.stat(top + path),
      readdir: (path) => fs.promises.readdir(top + path),
      rename: (from, to) => fs.promises.rename(top + from, top + to),
      unlink: (path) => fs.promises.unlink(top + path),
    },
    sync: {
      readFile: (path) => fs.readFileSync(top + path),
      writeFile: (path, bytes) => fs.writeFileSync(top + path, bytes),
      stat: (path) => fs.statSync(top + path),
      readdir: (path) => fs.readdirSync(top + path),
      rename: (from, to) => fs.renameSync(top + from, top + to),
      unlink: (path) => fs.unlinkSync(top + path),
    },
    fork: () => /** @type {any} */ (forkOf(layer)),
    close: () => umount(top),
  };
}
