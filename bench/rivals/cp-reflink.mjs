/**
 * `cp -a --reflink=always`: a copy of names and inodes, whose data the file system shares until one side
 * changes it. On file systems that were made for the run, in files of the bench directory.
 */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** On XFS. */
export const cpReflinkXfs = reflinkRival("xfs", "XFS", "xfsprogs", () =>
  programVersion("mkfs.xfs", "-V"),
);

/** On btrfs. */
export const cpReflinkBtrfs = reflinkRival("btrfs", "btrfs", "btrfs-progs", () =>
  programVersion("mkfs.btrfs"),
);

/**
 * @param {"xfs" | "btrfs"} fileSystem
 * @param {string} title
 * @param {string} programs the package that makes such file systems
 * @param {() => string | undefined} version of these
 * @returns {import("./rival.mjs").Rival}
 */
function reflinkRival(fileSystem, title, programs, version) {
  const base = (/** @type {import("./rival.mjs").StorePaths} */ { repository }) =>
    join(repository, "base");
  return {
    name: `cp-reflink-${fileSystem}`,
    summary: `\`cp -a --reflink=always\` on ${title}, on a loop device`,
    durability: "nothing synced",
    install: `apt-get install ${programs}`,
    version,
    keepsHistory: false,
    prepare: () => [],
    workspaces: {
      fileSystem,
      keep: (tree, store) => [{ argv: ["cp", "-a", tree, base(store)] }],
      fork: ({ store, target }) => [copy(base(store), target)],
      rollback: ({ store, target, aside }) => [
        { argv: ["mv", target, aside] },
        copy(base(store), target),
      ],
    },
  };
}

/**
 * @param {string} source
 * @param {string} target
 * @returns {import("./rival.mjs").Command}
 */
function copy(source, target) {
  return { argv: ["cp", "-a", "--reflink=always", source, target] };
}
