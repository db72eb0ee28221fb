/**
 * Snapshots of btrfs subvolumes, which the file system makes in one step whatever is in them. On a file
 * system that was made for the run, in a file of the bench directory. Its calls are the same ioctl(2) that btrfs(8)
 * makes, without the start of the program.
 */
import { join } from "node:path";
import { callsOf } from "./calls/calls-of.mjs";
import { programVersion } from "./rival.mjs";

/** @type {import("./rival.mjs").Rival} */
export const btrfs = {
  name: "btrfs",
  summary:
    "`btrfs subvolume snapshot` on a loop device, `full` with `btrfs filesystem sync`; one call: its ioctl(2)",
  durability: "as the case says; nothing synced otherwise",
  install: "apt-get install btrfs-progs",
  version: () => programVersion("btrfs"),
  keepsHistory: true,
  prepare: () => [],
  workspaces: {
    fileSystem: "btrfs",
    keep: (tree, store) => [
      { argv: ["btrfs", "subvolume", "create", snapshotPath(store, "base")] },
      { argv: ["cp", "-a", `${tree}/.`, snapshotPath(store, "base")] },
      { argv: ["btrfs", "filesystem", "sync", store.repository] },
    ],
    fork: ({ store, target }) => [snapshot(snapshotPath(store, "base"), target)],
    forkMany: ({ store, target }, count) =>
      Array.from({ length: count }, (_, index) =>
        snapshot(snapshotPath(store, "base"), `${target}-${index + 1}`),
      ),
    snapshot: ({ store, target, label, durability }) => [
      snapshot("-r", target, snapshotPath(store, label)),
      ...(durability === "full" ? [{ argv: ["btrfs", "filesystem", "sync", target] }] : []),
    ],
    readBack: ({ store, label, path }) => [
      { argv: ["cat", join(snapshotPath(store, label), path)] },
    ],
    rollback: ({ store, target, last }) => [
      { argv: ["btrfs", "subvolume", "delete", target] },
      snapshot(snapshotPath(store, last), target),
    ],
    discard: (_, targets) => [{ argv: ["btrfs", "subvolume", "delete", ...targets] }],
    // A snapshot reads nothing of what it holds.
    reads: () => [],
    calls: callsOf("btrfs", [
      "fork",
      "fork-many",
      "snapshot-new",
      "snapshot-again",
      "unchanged",
      "rollback",
    ]),
  },
};

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string} label
 */
function snapshotPath({ repository }, label) {
  return join(repository, label);
}

/**
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function snapshot(...argv) {
  return { argv: ["btrfs", "subvolume", "snapshot", ...argv] };
}
