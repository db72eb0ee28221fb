/**
 * The file systems of a run: the one of the bench directory, and others that are made in files of it, on loop
 * devices. They are made when a rival needs them, and go with the scratch directory.
 */
import { mkdirSync, readFileSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { settle } from "../measure/settle.mjs";

/** As large as they may become; only what is written takes space. */
const SIZE_BYTES = 40 * 1024 ** 3;

/** @typedef {import("../rivals/rival.mjs").FileSystem} FileSystem */

/** @type {Record<Exclude<FileSystem, "disk">, string[]>} discarding would write zeros, or nothing */
const FORMAT = {
  xfs: ["mkfs.xfs", "-q", "-K", "-m", "reflink=1"],
  btrfs: ["mkfs.btrfs", "--quiet", "--nodiscard"],
};

/** Makes file systems, and tells what is used of them. */
export class FileSystems {
  #scratch;
  /** @type {Map<FileSystem, string>} */
  #directories = new Map();

  /** @param {import("./scratch.mjs").Scratch} scratch */
  constructor(scratch) {
    this.#scratch = scratch;
  }

  /**
   * Returns a directory on a file system; it stays to the end of the run.
   * @param {FileSystem} kind
   */
  directoryOn(kind) {
    const known = this.#directories.get(kind);
    if (known !== undefined) return known;
    const root = this.#scratch.makeKeptDirectory(kind);
    const directory = kind === "disk" ? root : mountNew(kind, root);
    this.#directories.set(kind, directory);
    return directory;
  }

  /**
   * Brings all of them into the same state: see settle.mjs.
   * @param {boolean} cold
   */
  settle(cold) {
    for (const directory of this.#directories.values()) settle(directory, false);
    settle(this.#scratch.root, cold);
  }

  /**
   * Returns the bytes that are taken on disk: on the file system of the bench directory, which others use too,
   * by what is below a directory; else by everything.
   * @param {FileSystem} kind
   * @param {string} directory
   */
  usedBytes(kind, directory) {
    // Blocks are only allocated for good once the data is written back.
    settle(directory, false);
    if (kind === "disk") return directoryUsage(directory).allocated;
    const { blocks, bfree, bsize } = statfsSync(directory);
    return (blocks - bfree) * bsize;
  }
}

/**
 * Makes a file system in a file and mounts it.
 * @param {Exclude<FileSystem, "disk">} kind
 * @param {string} root
 */
function mountNew(kind, root) {
  const file = join(root, "image");
  const directory = join(root, "mounted");
  writeFileSync(file, "");
  truncateSync(file, SIZE_BYTES);
  mkdirSync(directory);
  // Straight to the disk, so that nothing is cached twice.
  const attach = ["losetup", "--find", "--show", "--direct-io=on", file];
  const { stdout } = runCommands([{ argv: [...FORMAT[kind], file] }, { argv: attach }]);
  const device = stdout.trim();
  try {
    runCommands([{ argv: ["mount", "-t", kind, "-o", "noatime", device, directory] }]);
  } finally {
    // The device stays as long as it is mounted, and no longer.
    runCommands([{ argv: ["losetup", "--detach", device] }]);
  }
  return directory;
}

/**
 * Returns the bytes that the kernel holds for itself and cannot give up, as for mounts: proc(5).
 * Everything else on the machine counts too.
 */
export function kernelMemoryBytes() {
  const text = readFileSync("/proc/meminfo", "utf8");
  return ["SUnreclaim", "Percpu", "KernelStack", "PageTables", "VmallocUsed"]
    .map((name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024)
    .reduce((sum, bytes) => sum + bytes, 0);
}
