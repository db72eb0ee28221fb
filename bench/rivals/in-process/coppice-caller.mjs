/** Overlays of Coppice: of a snapshot in a store on disk, which is made once. */
import { join } from "node:path";
import { Store } from "../../../dist/index.js";
import { treeFiles } from "./tree-files.mjs";

/** Written and captured together: what is written and not captured lies in memory. */
const BATCH_FILES = 50_000;

/** @type {import("./caller.mjs").MakeCaller} */
export async function coppiceCaller({ directory, count }) {
  const store = await Store.open(join(directory, "store"));
  await keepTree(store, count);
  return new CoppiceCaller(store, store.overlay("base"));
}

/** @implements {import("./caller.mjs").Caller} */
class CoppiceCaller {
  #store;
  #overlay;

  /**
   * @param {Store} store
   * @param {import("../../../dist/index.js").Overlay} overlay
   */
  constructor(store, overlay) {
    this.#store = store;
    this.#overlay = overlay;
  }

  get files() {
    return this.#overlay;
  }

  get sync() {
    const { sync } = this.#overlay;
    return {
      /** @param {string} path */
      readFile: (path) => /** @type {Buffer} */ (sync.readFileSync(path)),
      /** @type {import("./caller.mjs").SyncFiles["writeFile"]} */
      writeFile: (path, bytes) => sync.writeFileSync(path, bytes),
      /** @param {string} path */
      stat: (path) => sync.statSync(path),
      /** @param {string} path */
      readdir: (path) => sync.readdirSync(path),
      /** @type {import("./caller.mjs").SyncFiles["rename"]} */
      rename: (from, to) => sync.renameSync(from, to),
      /** @param {string} path */
      unlink: (path) => sync.unlinkSync(path),
    };
  }

  fork() {
    return new CoppiceCaller(this.#store, this.#overlay.fork());
  }

  snapshot() {
    return this.#overlay.snapshot({ durability: "relaxed" });
  }

  async verifySnapshot() {
    const { snapshot } = await this.#overlay.snapshot({ durability: "relaxed" });
    return (/** @type {string} */ path) => snapshot.readFile(path.slice(1));
  }

  close() {
    return this.#store.close();
  }
}

/**
 * Has a store hold the tree as the snapshot "base".
 * @param {Store} store
 * @param {number} count
 */
async function keepTree(store, count) {
  const known = await store.snapshots();
  if (known.some(({ name }) => name === "base")) return;
  let last;
  for (let start = 0; start < count; start += BATCH_FILES) {
    const end = Math.min(start + BATCH_FILES, count);
    const overlay = store.overlay(last);
    for (const { directory, files } of treeFiles(count, start, end)) {
      overlay.sync.mkdirSync(directory, { recursive: true });
      for (const { path, bytes } of files) overlay.sync.writeFileSync(path, bytes);
    }
    const { snapshot } = await overlay.snapshot(end === count ? { name: "base" } : {});
    last = snapshot;
  }
}
