/**
 * Coppice as the library, in a process that is already running: the start of Node, the import and the
 * opening of the store are not in its times. With whole processes it is compared only where a target is about a library
 * call; workspaces are compared with the bare system calls, made in the same way.
 */
import { fileURLToPath } from "node:url";
import { callsOf } from "./calls/calls-of.mjs";
import { coppiceTraits, loseCatalog, packsOf } from "./coppice.mjs";
import { overlaysOf } from "./in-process/overlays-of.mjs";

const CALL = fileURLToPath(new URL("coppice-library-call.mjs", import.meta.url));
const REGISTRY = fileURLToPath(new URL("calls/measure-registry.mjs", import.meta.url));
const TRACES = fileURLToPath(new URL("calls/measure-traces.mjs", import.meta.url));
const CHUNK_ROWS = fileURLToPath(new URL("calls/measure-chunk-rows.mjs", import.meta.url));

/**
 * Returns the library as a rival.
 * @param {import("./rival.mjs").Durability} durability
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
    merge: (store, base, ours, theirs) => [call(store, "merge", ours, theirs, durability, base)],
    upkeep: {
      data: packsOf,
      verify: (store) => [call(store, "verify")],
      remove: (store, removed) => [call(store, "remove", ...removed)],
      free: (store) => [call(store, "gc")],
      loseIndex: loseCatalog,
      repair: (store) => [call(store, "repair")],
    },
    workspaces: {
      fileSystem: "disk",
      buildsFirst: true,
      keep: (tree, store) => [call(store, "snapshot", tree, "base", "full")],
      calls: callsOf("coppice", [
        "fork",
        "fork-many",
        "first-fork",
        "snapshot-new",
        "snapshot-again",
        "unchanged",
        "rollback",
      ]),
    },
    takeIn: (store, bundle) => [call(store, "upload", bundle)],
    registry: (directory, verb) => ({ argv: [process.execPath, REGISTRY, directory, verb] }),
    traces: (directory, verb, eventCount) => ({
      argv: [process.execPath, TRACES, directory, verb, String(eventCount)],
    }),
    chunkRows: (directory, verb) => ({ argv: [process.execPath, CHUNK_ROWS, directory, verb] }),
    overlays: overlaysOf("coppice", {
      verbs: [
        ...["fork", "fork-depth", "edit-new", "edit-existing", "forks-memory"],
        ...["edited-forks-memory", "read-again", "read-all", "stat", "readdir"],
        ...["write", "rename", "unlink"],
      ],
      hasSync: true,
      filesMax: 1_000_000,
    }),
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
