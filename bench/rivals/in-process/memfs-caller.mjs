/**
 * memfs: a `Volume`. It has no call that forks and none that keeps a state: its users copy the volume, by `toJSON` and
 * `fromJSON`, and so does this.
 */
import { Volume } from "memfs";
import { treeFiles } from "./tree-files.mjs";

/** @type {import("./caller.mjs").MakeCaller} */
export async function memfsCaller({ count }) {
  const volume = new Volume();
  for (const { directory, files } of treeFiles(count)) {
    volume.mkdirSync(directory, { recursive: true });
    for (const { path, bytes } of files) volume.writeFileSync(path, bytes);
  }
  return callerOf(volume);
}

/**
 * @param {Volume} volume
 * @returns {import("./caller.mjs").Caller}
 */
function callerOf(volume) {
  // As bytes: as text it would not be the same.
  const copied = () => /** @type {any} */ (volume.toJSON(undefined, {}, false, true));
  return {
    files: /** @type {any} */ (volume.promises),
    sync: {
      readFile: (path) => /** @type {Buffer} */ (volume.readFileSync(path)),
      writeFile: (path, bytes) => volume.writeFileSync(path, bytes),
      stat: (path) => volume.statSync(path),
      readdir: (path) => volume.readdirSync(path),
      rename: (from, to) => volume.renameSync(from, to),
      unlink: (path) => volume.unlinkSync(path),
    },
    fork: () => callerOf(Volume.fromJSON(copied())),
    snapshot: copied,
    close: () => undefined,
  };
}
