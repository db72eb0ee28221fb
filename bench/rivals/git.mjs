/**
 * git as a snapshot tool: a repository beside the tree, `git add -A` and `git write-tree`, the
 * "shadow git" of several coding agents. It is told to leave nothing out and to convert nothing: `--force`
 * takes files that a .gitignore in the tree names, `info/attributes` overrides .gitattributes.
 * No commit is made, so that only the work on the tree is timed; a ref names it afterwards.
 */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** No attribute that changes content on its way in or out: gitattributes(5). */
const NO_CONVERSION = "* -text -eol -filter -ident -working-tree-encoding";

/** @type {import("./rival.mjs").Rival} */
export const git = {
  name: "git",
  summary: "`git add -A --force && git write-tree`, in place: `git read-tree --reset -u`",
  durability: "git's default: loose objects are not synced",
  install: "apt-get install git",
  version: () => programVersion("git"),
  keepsHistory: true,
  prepare: (store) => [
    run(store, ["init", "--quiet"]),
    run(store, ["config", "core.bare", "false"]),
    // A collection would run in the background, in the time of the next rival.
    run(store, ["config", "gc.auto", "0"]),
    { argv: ["mkdir", "-p", join(store.repository, "info")] },
    { argv: ["sh", "-c", `echo '${NO_CONVERSION}' > "$0/info/attributes"`, store.repository] },
  ],
  capture: (tree, store) => [
    run(store, ["add", "-A", "--force", "."], tree),
    run(store, ["write-tree"], tree),
  ],
  afterCapture: (store, label, stdout) => [run(store, ["update-ref", refOf(label), stdout.trim()])],
  // A second index, because read-tree would throw away what the main one knows about the tree.
  restore(store, label, target) {
    const env = { GIT_INDEX_FILE: join(store.cache, "restore-index") };
    return [
      run(store, ["read-tree", refOf(label)], target, env),
      run(store, ["checkout-index", "--all"], target, env),
    ];
  },
  restoreInPlace: (store, label, tree) => [
    run(store, ["read-tree", "--reset", "-u", refOf(label)], tree),
  ],
  diff: (store, from, to) => [run(store, ["diff-tree", "-r", refOf(from), refOf(to)])],
};

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @param {string} [tree]
 * @param {Record<string, string>} [env]
 * @returns {import("./rival.mjs").Command}
 */
function run(store, argv, tree = store.repository, env = {}) {
  return {
    argv: ["git", ...argv],
    cwd: tree,
    env: {
      GIT_DIR: store.repository,
      GIT_WORK_TREE: tree,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      ...env,
    },
  };
}

/** @param {string} label */
function refOf(label) {
  return `refs/snapshots/${label}`;
}
