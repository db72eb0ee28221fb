/**
 * AgentFS' package for Node.js, which cannot do the work: looked at in version 0.6.4. It keeps files in one SQLite database that
 * only its own calls read and write; it makes no directory that a program could work in, and has no call that forks,
 * captures or goes back. Its command line, which mounts through FUSE, is another program.
 */

/** @type {import("./rival.mjs").Rival} */
export const agentfsSdk = {
  name: "agentfs-sdk",
  summary: "files in one SQLite database, through its own calls",
  durability: "not measured",
  install:
    "version 0.6.4 makes no directory that programs can work in, and has no call that forks, captures or goes back",
  version: () => undefined,
  keepsHistory: false,
  prepare: () => [],
};
