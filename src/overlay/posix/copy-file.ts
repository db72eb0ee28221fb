/**
 * Copy file: a file's bytes get a second place. They are shared, not copied: a page is copied by who writes to it next.
 */
import { constants } from "node:fs";
import type { FileInode } from "../inode.js";
import type { Caller } from "./caller.js";
import { look, setAttributes, shareContent } from "./inode-calls.js";
import { findToOpen, openFile } from "./open-file.js";
import { refusal, refuse } from "./refusal.js";

/** Copies a file: see copyFile of node:fs. The copy gets its mode, whether it was there before or not. */
export function copyFile(caller: Caller, from: string, to: string, mode: number): void {
  const { tree } = caller;
  const source = look(tree, from, "follow");
  if (source.kind !== "file" && source.kind !== "directory") throw refusal("ENXIO");
  const isExclusive = (mode & constants.COPYFILE_EXCL) !== 0;
  const flags = constants.O_WRONLY | constants.O_CREAT | (isExclusive ? constants.O_EXCL : 0);
  if (source.kind === "directory") {
    // The copy is opened first, by which node:fs loses what was there; that is left alone here.
    findToOpen(tree, to, flags);
    refuse("EISDIR");
  }
  const target = openFile(caller, to, flags, source.mode);
  try {
    // Opening may have owned what it is of.
    if (target.inode.number !== source.number) {
      shareContent(caller, source, target.inode as FileInode);
      setAttributes(tree, target.inode, { mode: source.mode });
    }
  } finally {
    target.close();
  }
}
