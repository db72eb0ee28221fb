/** `cp -a`: a plain copy, the floor for what copying costs. */
import { join } from "node:path";
import { programVersion } from "./rival.mjs";

/** @type {import("./rival.mjs").Rival} */
export const cp = {
  name: "cp",
  summary: "`cp -a`: a plain copy with all metadata; again: `cp -au`, onto the first copy",
  durability: "nothing synced",
  install: "part of GNU coreutils",
  version: () => programVersion("cp"),
  keepsHistory: false,
  prepare: () => [],
  capture: (tree, { repository }, label) => [
    { argv: ["cp", "-a", `${tree}/.`, join(repository, label)] },
  ],
  captureAgain: (tree, { repository }) => [
    { argv: ["cp", "-au", `${tree}/.`, join(repository, "first")] },
  ],
  restore: ({ repository }, label, target) => [
    { argv: ["cp", "-a", `${join(repository, label)}/.`, target] },
  ],
  // Its workspaces are plain directories on the disk, so that they also stand for these.
  workspaces: {
    fileSystem: "disk",
    keep: () => [],
    fork: ({ tree, target }) => [{ argv: ["cp", "-a", tree, target] }],
    rollback: ({ tree, target, aside }) => [
      { argv: ["mv", target, aside] },
      { argv: ["cp", "-a", tree, target] },
    ],
    reads: ({ tree }) => [tree],
  },
};
