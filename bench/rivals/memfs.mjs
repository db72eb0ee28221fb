/** memfs: a file system in memory with the calls of node:fs. What it cannot do is said in in-process/memfs-caller.mjs. */
import { INSTALL, overlaysOf, packageVersion } from "./in-process/overlays-of.mjs";

/** @type {import("./rival.mjs").Rival} */
export const memfs = {
  name: "memfs",
  summary: "`Volume`; has no fork and keeps no states: `toJSON` and `fromJSON` copy all of it",
  durability: "in memory alone",
  install: INSTALL,
  version: () => packageVersion("memfs"),
  keepsHistory: false,
  prepare: () => [],
  overlays: overlaysOf("memfs", {
    verbs: [
      ...["fork", "edit-new", "edit-existing", "read-again", "read-all"],
      ...["stat", "readdir", "write", "rename", "unlink"],
    ],
    hasSync: true,
    // To copy a hundred thousand takes it twenty seconds.
    filesMax: 50_000,
  }),
};
