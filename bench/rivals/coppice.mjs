/** Coppice through its command line: whole processes, so that the start of Node counts. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGE = new URL("../../", import.meta.url);
const MAIN = fileURLToPath(new URL("dist/cli/main.js", PACKAGE));

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
  };
}

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function run(store, argv) {
  return { argv: [process.execPath, MAIN, ...argv, "--store", store.repository, "--json"] };
}

/** @typedef {"full" | "relaxed"} Durability */
