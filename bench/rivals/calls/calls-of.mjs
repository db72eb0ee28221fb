/** The commands that measure calls in one process: see measure-calls.mjs. */
import { fileURLToPath } from "node:url";

const MEASURE = fileURLToPath(new URL("measure-calls.mjs", import.meta.url));

/**
 * Returns how the calls of one kind are measured.
 * @param {"coppice" | "bare-overlayfs" | "btrfs"} kind
 * @param {readonly import("../rival.mjs").CallVerb[]} verbs what it can do
 * @returns {import("../rival.mjs").Calls}
 */
export function callsOf(kind, verbs) {
  return {
    verbs,
    command: (verb, { tree, store, count, durability, verify }) => ({
      argv: [
        process.execPath,
        MEASURE,
        kind,
        verb,
        ...["--store", store.root, "--tree", tree, "--count", String(count)],
        ...["--durability", durability, ...(verify ? ["--verify"] : [])],
      ],
    }),
  };
}
