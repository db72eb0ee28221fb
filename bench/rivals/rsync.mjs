/**
 * rsync as a local mirror. The second capture goes onto the first copy, which is faster than a
 * hard-linked second copy (`--link-dest`) but keeps no history.
 */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** Archive mode with hard links, ACLs and xattrs, and no delta algorithm: both sides are local. */
const MIRROR = ["rsync", "-aHAX", "--delete", "--whole-file"];

/** @type {import("./rival.mjs").Rival} */
export const rsync = {
  name: "rsync",
  summary: "a local mirror; again and in place: only what has another size or mtime",
  durability: "nothing synced",
  install: "apt-get install rsync",
  version: () => programVersion("rsync"),
  keepsHistory: false,
  prepare: () => [],
  capture: (tree, { repository }, label) => [
    { argv: [...MIRROR, `${tree}/`, `${join(repository, label)}/`] },
  ],
  captureAgain: (tree, { repository }) => [
    { argv: [...MIRROR, `${tree}/`, `${join(repository, "first")}/`] },
  ],
  restore: ({ repository }, label, target) => [
    { argv: [...MIRROR, `${join(repository, label)}/`, `${target}/`] },
  ],
  restoreInPlace: ({ repository }, label, tree) => [
    { argv: [...MIRROR, `${join(repository, label)}/`, `${tree}/`] },
  ],
  workspaces: {
    fileSystem: "disk",
    keep: () => [],
    forkIsThatOf: "cp",
    fork: ({ tree, target }) => [{ argv: ["cp", "-a", tree, target] }],
    rollback: ({ tree, target }) => [{ argv: [...MIRROR, `${tree}/`, `${target}/`] }],
    reads: ({ tree }) => [tree],
  },
};
