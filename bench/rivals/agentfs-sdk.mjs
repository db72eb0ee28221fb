/**
 * AgentFS' package for Node.js: files in one SQLite database that only its own calls read and write. It makes no directory that a
 * program could work in, and has no call that forks, captures or goes back, so that it is measured as a file system in the process
 * alone. Its command line, which mounts through FUSE, is another program.
 */
import { INSTALL, overlaysOf, packageVersion } from "./in-process/overlays-of.mjs";

/** @type {import("./rival.mjs").Rival} */
export const agentfsSdk = {
  name: "agentfs-sdk",
  summary:
    "files in one SQLite database, through its own calls; makes no directory that programs can work in, has no fork and keeps no states",
  durability: "as its database comes",
  install: INSTALL,
  version: () => packageVersion("agentfs-sdk"),
  keepsHistory: false,
  prepare: () => [],
  overlays: overlaysOf("agentfs", {
    verbs: ["read-again", "stat", "readdir", "write", "rename", "unlink"],
    hasSync: false,
    // Ten thousand files take it two minutes to make.
    filesMax: 1_000,
  }),
};
