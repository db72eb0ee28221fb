/**
 * ostree in its fastest form: a `bare-user` repository and a checkout by hard links into it. That is a tree of
 * names over inodes that all checkouts and the repository share: a program that writes to a file in place changes it
 * everywhere, the repository included. So there is nothing to go back to, and no rollback here. Owners, modes
 * beyond the executable bit and times are not those of the original.
 */
import { programVersion } from "./rival.mjs";

/** @type {import("./rival.mjs").Rival} */
export const ostree = {
  name: "ostree",
  summary:
    "`ostree checkout` by hard links (`bare-user`, `-U -H`): a file written in place changes in the repository too",
  durability: "nothing synced",
  install: "apt-get install ostree",
  version: () => programVersion("ostree"),
  keepsHistory: true,
  prepare: (store) => [
    run(store, "init", "--mode=bare-user"),
    run(store, "config", "set", "core.fsync", "false"),
  ],
  workspaces: {
    fileSystem: "disk",
    keep: (tree, store) => [
      run(store, "commit", "--branch=base", "--subject=base", `--tree=dir=${tree}`),
    ],
    fork: ({ store, target }) => [checkout(store, target)],
  },
};

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string} target
 */
function checkout(store, target) {
  return run(store, "checkout", "-U", "-H", "--fsync=no", "base", target);
}

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function run(store, ...argv) {
  return { argv: ["ostree", `--repo=${store.repository}`, ...argv] };
}
