/**
 * The scratch directory of a run, and the way in which it is emptied without harm to the figures.
 *
 * ext4 does not give out an inode again that was freed less than 60 seconds ago
 * (`recently_deleted` in fs/ext4/ialloc.c), and looks at each such inode again for every file
 * that it makes. Measured: `tar x` of 16,000 files took 0.5 s, and 10 s right after a tree of
 * that size had been removed. Therefore nothing is removed between the turns of a workload; it is
 * put aside, removed after the workload, and the next one waits until the inodes are free again.
 */
import { mkdirSync, mkdtempSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommands } from "../measure/run-commands.mjs";
import { settle } from "../measure/settle.mjs";

/** RECENTCY_MIN of fs/ext4/ialloc.c, and some more for the time that a removal takes. */
const REUSE_DELAY_MS = 65_000;
/** With less than this free, what was put aside is removed at once. */
const FREE_MIN_BYTES = 10e9;
const FREE_MIN_INODES = 500_000;

/** Makes directories and removes them when it does no harm. */
export class Scratch {
  #root;
  /** @type {string[]} */
  #aside = [];
  /** Somebody may have removed a tree just before this run. */
  #lastRemovalMs = performance.now();

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
   * Copies a tree, so that it can be changed.
   * @param {string} tree
   */
  copyTree(tree) {
    const copy = this.makeDirectory("tree");
    runCommands([{ argv: ["cp", "-a", `${tree}/.`, copy] }]);
    return copy;
  }

  /**
   * Marks a directory for removal.
   * @param {string} path
   */
  putAside(path) {
    this.#aside.push(path);
  }

  /**
   * Removes a directory now: for workloads that measure no times.
   * @param {string} path
   */
  remove(path) {
    runCommands([{ argv: ["rm", "-rf", path] }]);
    this.#lastRemovalMs = performance.now();
  }

  /** Removes what was put aside, if the disk is nearly full, and waits for its inodes. */
  async makeRoom() {
    const { bavail, bsize, ffree } = statfsSync(this.#root);
    // Some file systems have no fixed number of inodes, and say 0.
    const isShort = bavail * bsize < FREE_MIN_BYTES || (ffree > 0 && ffree < FREE_MIN_INODES);
    if (!isShort || this.#aside.length === 0) return;
    for (const path of this.#aside.splice(0)) this.remove(path);
    await this.waitForInodes();
  }

  /** Removes all that is in the scratch directory, which stays. */
  empty() {
    this.#aside = [];
    this.remove(this.#root);
    mkdirSync(this.#root);
  }

  /** Waits until what was removed no longer slows down the making of files. */
  async waitForInodes() {
    // An inode whose block is not written back yet stays blocked for 300 seconds more.
    settle(this.#root, false);
    const remainingMs = this.#lastRemovalMs + REUSE_DELAY_MS - performance.now();
    if (remainingMs <= 0) return;
    process.stderr.write(`waiting ${Math.ceil(remainingMs / 1000)} s for inodes to be free\n`);
    await sleep(remainingMs);
  }

  /** Removes the scratch directory. */
  close() {
    this.remove(this.#root);
  }
}
