/**
 * The scratch directory of a run, and when it is emptied.
 *
 * ext4 does not give out an inode again that was freed in the last minute, or in the last six
 * when the block it lies in is not written back (`recently_deleted` in fs/ext4/ialloc.c), and it
 * looks at each of these again for every file that it makes. Measured: `tar x` of 16,000 files
 * took 0.6 s, but 9.6 s soon after a tree of that size had been removed. Therefore timed
 * workloads remove no trees: what they made is put aside and removed when the timed ones are
 * over, or earlier when the disk runs short. After that, and when an earlier run removed
 * something just before, the next timed workload waits.
 */
import { mkdirSync, mkdtempSync, readdirSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { walkTree } from "../measure/measure-tree.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { settle } from "../measure/settle.mjs";
import { unmountBelow } from "../measure/unmount-below.mjs";

/** RECENTCY_MIN and RECENTCY_DIRTY of fs/ext4/ialloc.c, 60 and 300 seconds, and a bit more. */
const REUSE_DELAY_MS = 370_000;
/** So few freed inodes do no harm. */
const HARMLESS_COUNT = 500;
/** With less than this free, what was put aside is removed at once. */
const FREE_MIN_BYTES = 10e9;
const FREE_MIN_INODES = 500_000;
/** Its mtime says when a run last removed something. */
const REMOVAL_STAMP = "last-removal";

/** Makes directories and removes them when it does no harm. */
export class Scratch {
  #root;
  /** @type {Set<string>} */
  #aside = new Set();
  /** @type {Set<string>} */
  #kept = new Set();

  /** @param {string} directory where the scratch directory is made */
  constructor(directory) {
    mkdirSync(directory, { recursive: true });
    this.#root = mkdtempSync(join(directory, "scratch-"));
  }

  /** The directory itself. */
  get root() {
    return this.#root;
  }

  /**
   * Makes an empty directory.
   * @param {string} [prefix] start of its name
   */
  makeDirectory(prefix = "directory") {
    return mkdtempSync(join(this.#root, `${prefix}-`));
  }

  /**
   * Makes an empty directory for what several workloads need.
   * @param {string} prefix start of its name
   */
  makeKeptDirectory(prefix) {
    const directory = this.makeDirectory(prefix);
    this.#kept.add(directory);
    return directory;
  }

  /**
   * Copies a tree, so that it can be changed.
   * @param {string} tree
   */
  copyTree(tree) {
    const copy = this.makeDirectory("tree");
    runCommands([{ argv: ["cp", "-a", `${tree}/.`, copy] }]);
    return copy;
  }

  /**
   * Says that a directory is no longer needed: one with few files goes at once, for its space,
   * others later.
   * @param {string} path
   */
  putAside(path) {
    if (hasFewEntries(path)) removeTree(path);
    else this.#aside.add(path);
  }

  /** Says that nothing that is there now is needed any longer, but for what is kept. */
  putAllAside() {
    const paths = readdirSync(this.#root).map((name) => join(this.#root, name));
    for (const path of paths) if (!this.#kept.has(path)) this.putAside(path);
  }

  /**
   * Removes a directory now.
   * @param {string} path
   */
  remove(path) {
    removeTree(path);
    this.#aside.delete(path);
    writeFileSync(this.#stampPath, "");
  }

  /** Removes what was put aside. */
  empty() {
    for (const path of [...this.#aside]) this.remove(path);
  }

  /** Does so, and waits for the inodes, if the disk is nearly full. */
  async makeRoom() {
    const { bavail, bsize, ffree } = statfsSync(this.#root);
    // Some file systems have no fixed number of inodes, and say 0.
    const isShort = bavail * bsize < FREE_MIN_BYTES || (ffree > 0 && ffree < FREE_MIN_INODES);
    if (!isShort || this.#aside.size === 0) return;
    this.empty();
    await this.waitForInodes();
  }

  /** Waits until what was removed no longer slows down the making of files. */
  async waitForInodes() {
    settle(this.#root, false);
    const remainingMs = this.#lastRemovalMs() + REUSE_DELAY_MS - Date.now();
    if (remainingMs <= 0) return;
    process.stderr.write(`waiting ${Math.ceil(remainingMs / 1000)} s for removed inodes\n`);
    await sleep(remainingMs);
  }

  /** Removes the scratch directory, and takes away what is mounted in it. */
  close() {
    this.remove(this.#root);
  }

  get #stampPath() {
    return join(dirname(this.#root), REMOVAL_STAMP);
  }

  #lastRemovalMs() {
    return statSync(this.#stampPath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }
}

/** @param {string} path */
function removeTree(path) {
  unmountBelow(path);
  runCommands([{ argv: ["rm", "-rf", path] }]);
}

/** @param {string} path */
function hasFewEntries(path) {
  let count = 0;
  for (const _ of walkTree(path)) {
    count += 1;
    if (count > HARMLESS_COUNT) return false;
  }
  return true;
}
