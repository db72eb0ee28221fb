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

/** Nothing of the user's and the machine's configuration. */
const NO_CONFIGURATION = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
/** Without one git makes no commit. */
const IDENTITY = {
  GIT_AUTHOR_NAME: "bench",
  GIT_AUTHOR_EMAIL: "bench",
  GIT_COMMITTER_NAME: "bench",
  GIT_COMMITTER_EMAIL: "bench",
};

/** @type {import("./rival.mjs").Rival} */
export const git = {
  name: "git",
  summary:
    "`git add -A --force && git write-tree`, in place: `git read-tree --reset -u`; workspaces: `git worktree add`",
  durability: "git's default: loose objects are not synced; `full`: `core.fsync=committed`",
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
  // Until 2.40 git merges commits alone, and finds the base by their history.
  prepareMerge: (store, base, ours, theirs) => [
    commit(store, base),
    commit(store, ours, base),
    commit(store, theirs, base),
  ],
  merge: (store, _, ours, theirs) => [
    run(store, ["merge-tree", "--write-tree", commitOf(ours), commitOf(theirs)]),
  ],
  workspaces: {
    fileSystem: "disk",
    keep: (tree, store) => [
      run(store, ["add", "-A", "--force", "."], tree),
      run(store, ["commit", "--quiet", "--no-verify", "--message=base"], tree, IDENTITY),
    ],
    fork: ({ store, target }) => [
      {
        argv: ["git", "worktree", "add", "--quiet", "--detach", target, "HEAD"],
        cwd: store.repository,
        env: { GIT_DIR: store.repository, ...NO_CONFIGURATION },
      },
    ],
    snapshot: ({ target, label, durability }) => [
      inWorktree(target, ...synced(durability), "add", "-A", "--force", "."),
      inWorktree(
        target,
        ...synced(durability),
        ...["commit", "--quiet", "--no-verify", "--allow-empty", `--message=${label}`],
      ),
    ],
    readBack: ({ target, path }) => [inWorktree(target, "show", `HEAD:${path}`)],
    rollback: ({ target }) => [
      inWorktree(target, "reset", "--quiet", "--hard"),
      inWorktree(target, "clean", "-fdxq"),
    ],
    // What makes it a worktree.
    ownNames: [".git"],
  },
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
      ...NO_CONFIGURATION,
      ...env,
    },
  };
}

/**
 * Returns a git command that finds the repository through the worktree.
 * @param {string} target
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function inWorktree(target, ...argv) {
  return { argv: ["git", ...argv], cwd: target, env: { ...NO_CONFIGURATION, ...IDENTITY } };
}

/**
 * Returns what makes git sync all that it adds to the repository, if that is asked: git-config(1), core.fsync.
 * @param {import("./rival.mjs").Durability} durability
 */
function synced(durability) {
  return durability === "full" ? ["-c", "core.fsync=committed"] : [];
}

/**
 * Returns what makes a commit of a capture.
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string} label
 * @param {string} [parent]
 * @returns {import("./rival.mjs").Command}
 */
function commit(store, label, parent) {
  const onto = parent === undefined ? "" : ` -p ${commitOf(parent)}`;
  const script = `git update-ref ${commitOf(label)} $(git commit-tree${onto} -m ${label} ${refOf(label)})`;
  return {
    ...run(store, []),
    argv: ["sh", "-c", script],
    env: { ...run(store, []).env, ...IDENTITY },
  };
}

/** @param {string} label */
function commitOf(label) {
  return `refs/commits/${label}`;
}

/** @param {string} label */
function refOf(label) {
  return `refs/snapshots/${label}`;
}
