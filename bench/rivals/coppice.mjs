/** Coppice through its command line: whole processes, so that the start of Node counts. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = new URL("../../", import.meta.url);
const MAIN = fileURLToPath(new URL("dist/cli/main.js", PACKAGE));

/** @typedef {import("./rival.mjs").Durability} Durability */

/**
 * What the command line and the library have in common.
 * @param {Durability} durability
 */
export function coppiceTraits(durability) {
  return {
    durability: durability === "full" ? "full: packs and catalog synced" : "relaxed: not synced",
    install: "npm run build",
    keepsHistory: true,
    version() {
      if (!existsSync(MAIN)) return undefined;
      const manifest = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8"));
      return `coppice ${manifest.version}`;
    },
  };
}

/**
 * Returns the command line as a rival.
 * @param {Durability} durability
 * @returns {import("./rival.mjs").Rival}
 */
export function coppice(durability) {
  return {
    ...coppiceTraits(durability),
    name: "coppice",
    summary: "the command line, a process for each call",
    prepare: (store) => [run(store, ["init"])],
    capture: (tree, store, label) => [
      run(store, ["snapshot", tree, "--name", label, "--durability", durability]),
    ],
    restore: (store, label, target) => [run(store, ["restore", label, target])],
    restoreInPlace: (store, label, tree) => [run(store, ["restore", label, tree])],
    diff: (store, from, to) => [run(store, ["diff", from, to])],
    merge: (store, base, ours, theirs) => [
      run(store, ["merge", ours, theirs, "--base", base, "--durability", durability]),
    ],
    upkeep: {
      data: packsOf,
      verify: (store) => [run(store, ["verify", "--deep"])],
      remove: (store, removed) => [run(store, ["rm", "--reparent", ...removed])],
      free: (store) => [run(store, ["gc"])],
      loseIndex: loseCatalog,
      repair: (store) => [run(store, ["repair"])],
    },
    workspaces: {
      fileSystem: "disk",
      buildsFirst: true,
      keep: (tree, store) => [run(store, ["snapshot", tree, "--name", "base"])],
      fork: ({ store, target }) => [fork(store, target)],
      forkMany: ({ store, target }, count) => [fork(store, target, "--count", String(count))],
      snapshot: ({ store, target, label, durability }) => [
        run(store, ["snapshot", target, "--name", label, "--durability", durability]),
      ],
      readBack: ({ store, label, path }) => [
        { argv: [process.execPath, MAIN, "cat", label, path, "--store", store.repository] },
      ],
      rollback: ({ store, target }) => [run(store, ["rollback", target])],
      discard: ({ store }, targets) => [run(store, ["discard", ...targets])],
    },
  };
}

/**
 * Returns where the packs lie.
 * @param {import("./rival.mjs").StorePaths} store
 */
export function packsOf({ repository }) {
  return join(repository, "packs");
}

/**
 * Returns what removes the catalog, with its log.
 * @param {import("./rival.mjs").StorePaths} store
 * @returns {import("./rival.mjs").Command[]}
 */
export function loseCatalog({ repository }) {
  const names = ["-maxdepth", "1", "-name", "catalog.sqlite*"];
  return [{ argv: ["find", repository, ...names, "-delete"] }];
}

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string} target
 * @param {string[]} options
 */
function fork(store, target, ...options) {
  // Where that driver does not work it is an error, not another one's time.
  return run(store, ["fork", "base", target, "--driver", "overlayfs", ...options]);
}

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function run(store, argv) {
  return { argv: [process.execPath, MAIN, ...argv, "--store", store.repository, "--json"] };
}
