/**
 * Coppice as the library, in a process that is already running: the start of Node, the import and the
 * opening of the store are not in its times. Only Coppice has such a figure, so it stands in no
 * comparison that a target makes, except where the target is about a library call.
 */
import { fileURLToPath } from "node:url";
import { coppiceTraits } from "./coppice.mjs";

const CALL = fileURLToPath(new URL("coppice-library-call.mjs", import.meta.url));

/**
 * Returns the library as a rival.
 * @param {import("./coppice.mjs").Durability} durability
 * @returns {import("./rival.mjs").Rival}
 */
export function coppiceLibrary(durability) {
  return {
    ...coppiceTraits(durability),
    name: "coppice-library",
    summary: "the library call alone, without the start of Node and the opening of the store",
    timesItself: true,
    prepare: (store) => [call(store, "open")],
    capture: (tree, store, label) => [call(store, "snapshot", tree, label, durability)],
    restore: (store, label, target) => [call(store, "restore", label, target)],
    restoreInPlace: (store, label, tree) => [call(store, "restore", label, tree)],
    diff: (store, from, to) => [call(store, "diff", from, to)],
  };
}

/**
 * @param {import("./rival.mjs").StorePaths} store
 * @param {string[]} argv
 * @returns {import("./rival.mjs").Command}
 */
function call(store, ...argv) {
  return { argv: [process.execPath, CALL, store.repository, ...argv] };
}
