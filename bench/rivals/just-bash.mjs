/** just-bash: its file system over a directory. What it cannot do is said in in-process/just-bash-caller.mjs. */
import { INSTALL, overlaysOf, packageVersion } from "./in-process/overlays-of.mjs";

/** @type {import("./rival.mjs").Rival} */
export const justBash = {
  name: "just-bash",
  summary:
    "`OverlayFs` over a directory on disk; has no fork (a second one on the same directory stands in) and keeps no states",
  durability: "in memory alone",
  install: INSTALL,
  version: () => packageVersion("just-bash"),
  keepsHistory: false,
  prepare: () => [],
  overlays: overlaysOf("just-bash", {
    verbs: [
      ...["fork", "forks-memory", "edited-forks-memory", "read-again", "read-all"],
      ...["stat", "readdir", "write", "rename", "unlink"],
    ],
    hasSync: false,
    filesMax: 100_000,
  }),
};
