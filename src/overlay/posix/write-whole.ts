/**
 * Write whole: a file's bytes in one step.
 */
import { constants } from "node:fs";
import { FileContent } from "../file-content.js";
import { now } from "../inode.js";
import type { Caller } from "./caller.js";
import { createInode } from "./caller.js";
import { openFile } from "./open-file.js";
import { calling } from "./refusal.js";
import { resolvePath } from "./resolve-path.js";

/** Flags of a file that is made or emptied and then written. */
const ANEW = constants.O_TRUNC | constants.O_CREAT | constants.O_WRONLY;

/** Writes a file as opening, writing and closing it would; it is not even opened where there is no room. */
export function writeWhole(
  caller: Caller,
  path: string,
  bytes: Uint8Array,
  flags: number,
  mode: number,
): void {
  caller.tree.memory.makeRoom(bytes.length);
  if (flags === ANEW && writeAnew(caller, path, bytes, mode)) return;
  const file = openFile(caller, path, flags, mode);
  try {
    // Nobody calls write(2) for nothing; what it says is about the descriptor, not the path.
    if (bytes.length > 0) calling({ syscall: "write" }, () => file.write(bytes, null));
  } finally {
    file.close();
  }
}

/** Makes a file, or gives one other bytes; returns whether it is as simple as that. */
function writeAnew(caller: Caller, path: string, bytes: Uint8Array, mode: number): boolean {
  const { tree } = caller;
  const found = resolvePath(tree, path, { last: "follow", own: true, makesFile: true });
  const { parent, name, inode } = found;
  if (name === undefined || (inode !== undefined && inode.kind !== "file")) return false;
  const content = FileContent.of(tree.owner, bytes);
  if (inode !== undefined) {
    const moment = now();
    tree.change({ ...inode, content, modified: moment, changed: moment });
    tree.release(inode.content);
  } else {
    createInode(caller, { parent, name }, (attributes) => ({
      ...attributes,
      mode: mode & 0o7777 & ~caller.umask,
      kind: "file",
      content,
    }));
  }
  tree.memory.note(content);
  return true;
}
