/** ZenFS: layers in memory. What it cannot do is said in in-process/zenfs-caller.mjs. */
import { INSTALL, overlaysOf, packageVersion } from "./in-process/overlays-of.mjs";

/** @type {import("./rival.mjs").Rival} */
export const zenfs = {
  name: "zenfs",
  summary:
    "`CopyOnWrite` over `InMemory`; has no fork (one more layer stands in) and keeps no states",
  durability: "in memory alone",
  install: INSTALL,
  version: () => packageVersion("@zenfs/core"),
  keepsHistory: false,
  prepare: () => [],
  overlays: overlaysOf("zenfs", {
    verbs: ["fork", "read-again", "stat", "readdir", "write", "rename", "unlink"],
    hasSync: true,
    // Ten thousand files take it a quarter of a minute to make, in each process.
    filesMax: 1_000,
  }),
};
