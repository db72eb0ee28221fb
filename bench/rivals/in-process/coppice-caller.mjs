/** Overlays of Coppice: of a snapshot in a store on disk, which is made once. */
import { join } from "node:path";
import { Store } from "../../../dist/index.js";
import { bytesAt, FILE_BYTES, fileAt, treeFiles } from "./tree-files.mjs";

/** Written and captured together: what is written and not captured lies in memory. */
const BATCH_FILES = 50_000;
const CHANGE_COUNT = 10;

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

  /** Absent where the library has no merge of snapshots. */
  get prepareMerge() {
    const store = /** @type {any} */ (this.#store);
    if (typeof store.merge !== "function") return undefined;
    return async () => {
      const base = this.#overlay.head;
      const ours = await this.#branch(0);
      const theirs = await this.#branch(1);
      return () => store.merge({ base, ours, theirs, durability: "relaxed" });
    };
  }

  close() {
    return this.#store.close();
  }

  /** @param {number} side */
  async #branch(side) {
    const overlay = this.#overlay.fork();
    for (let change = 0; change < CHANGE_COUNT; change += 1) {
      // Far from one another, and no two in the same directory.
      const index = (change * 2 + side) * 1_000;
      await overlay.writeFile(fileAt(index), bytesAt(index + 1, FILE_BYTES));
    }
    return (await overlay.snapshot({ durability: "relaxed" })).snapshot;
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
