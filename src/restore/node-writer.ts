/**
 * Node writer: makes, replaces, updates and removes names in a directory; what regular files hold is the
 * file writer's.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import type { Entry } from "../model/entry.js";
import { joinPath, nameFromBytes } from "../scan/source-directory.js";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import { treeEntries } from "../tree/tree-reader.js";
import type { Handle, OnLimit, Restorer } from "./attributes.js";
import { setAttributes } from "./attributes.js";
import type { OpenedDirectories } from "./opened-directories.js";
import { temporaryName } from "./temporary-name.js";

/** O_NONBLOCK: a pipe without a writer would wait; O_NOFOLLOW: a link put in the file's place. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The default ACL of a directory (acl(5)): what is made in it gets it, and directories hand it on. */
const DEFAULT_ACL = Buffer.from("system.posix_acl_default");

/**
 * Makes a directory that only its owner may enter until its attributes are set.
 *
 * @param restorer given where the parent may hand on its group or its default ACL: these are shed, so that
 *   nothing that is made in the new directory inherits them
 */
export function makeDirectory(parent: SystemPath, name: Buffer, restorer?: Restorer): void {
  const path = joinPath(parent, nameFromBytes(name));
  mkdirSync(path, { mode: 0o700 });
  if (restorer === undefined) return;
  const descriptor = openSync(path, OPEN_FLAGS | constants.O_DIRECTORY);
  try {
    if (fstatSync(descriptor).gid !== restorer.gid) {
      fchownSync(descriptor, restorer.uid, restorer.gid);
    }
    fchmodSync(descriptor, 0o700);
    const calls = systemCalls();
    if ("unavailable" in calls) return;
    const inherited = calls.readExtendedAttributesFd(descriptor);
    if (inherited.some((each) => each.name.equals(DEFAULT_ACL)))
      calls.removeExtendedAttributeFd(descriptor, DEFAULT_ACL);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a symbolic link, pipe or device; replaces what stands there in one step. Returns false where this user may not. */
export function makeNode(
  parent: SystemPath,
  entry: Exclude<Entry, { kind: "file" | "directory" }>,
  replaces: boolean,
  onLimit: OnLimit,
): boolean {
  const final = joinPath(parent, nameFromBytes(entry.name));
  const path = replaces ? joinPath(parent, temporaryName()) : final;
  if (entry.kind === "symlink") symlinkSync(nameFromBytes(entry.target), path);
  else if (!makeSpecial(path, entry, onLimit)) return false;
  setPathAttributes(path, entry, onLimit);
  if (replaces) renameSync(path, final);
  return true;
}

/** Makes a name a further name of a file; replaces what stands there in one step. */
export function makeLink(target: SystemPath, parent: SystemPath, name: Buffer): void {
  const final = joinPath(parent, nameFromBytes(name));
  const path = joinPath(parent, temporaryName());
  linkSync(target, path);
  renameSync(path, final);
  // Where both are names of one file already, rename(2) does nothing and leaves the temporary one.
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Sets the attributes of a file that stands, reached without following a link. */
export function updateFile(path: SystemPath, entry: Entry, onLimit: OnLimit): void {
  const descriptor = openSync(path, OPEN_FLAGS);
  try {
    updateOpen(descriptor, entry, onLimit);
  } finally {
    closeSync(descriptor);
  }
}

/** Sets the attributes of an open file or directory. */
export function updateOpen(descriptor: number, entry: Entry, onLimit: OnLimit): void {
  setStanding({ descriptor }, fstatSync(descriptor), entry, onLimit);
}

/**
 * Removes an entry with what a scan saw below it. What it did not see stays, and so do the directories
 * that hold it.
 *
 * @param above the names of the directory that it is in
 * @param opened takes the directories below that have to be opened for it
 * @returns whether it is gone
 */
export function removeEntry(
  parent: SystemPath,
  entry: Entry,
  objects: ObjectSource,
  above: readonly Buffer[],
  opened: OpenedDirectories,
): boolean {
  const path = joinPath(parent, nameFromBytes(entry.name));
  if (entry.kind !== "directory") {
    unlinkSync(path);
    return true;
  }
  const names = [...above, entry.name];
  const descriptor = openSync(path, OPEN_FLAGS | constants.O_DIRECTORY);
  try {
    if (entry.entryCount > 0) opened.open(names, descriptor);
    const own: SystemPath = process.platform === "linux" ? `/proc/self/fd/${descriptor}` : path;
    for (const child of treeEntries(objects, entry.tree))
      removeEntry(own, child, objects, names, opened);
  } finally {
    closeSync(descriptor);
  }
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  }
}

function makeSpecial(
  path: SystemPath,
  entry: Exclude<Entry, { kind: "file" | "directory" | "symlink" }>,
  onLimit: OnLimit,
): boolean {
  const calls = systemCalls();
  if ("unavailable" in calls) {
    onLimit(`pipes and devices were not restored: ${calls.unavailable}`);
    return false;
  }
  const types = {
    fifo: constants.S_IFIFO,
    "character-device": constants.S_IFCHR,
    "block-device": constants.S_IFBLK,
  };
  const { major, minor } = "major" in entry ? entry : { major: 0, minor: 0 };
  try {
    calls.makeNode(path, types[entry.kind] | 0o600, major, minor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    onLimit("devices were not restored: only root may make them");
    return false;
  }
}

/** For what must not be opened: opening a device may do something, and a link cannot be. */
function setPathAttributes(path: SystemPath, entry: Entry, onLimit: OnLimit): void {
  setStanding({ path }, lstatSync(path), entry, onLimit);
}

function setStanding(
  handle: Handle,
  stat: { uid: number; gid: number; mode: number },
  entry: Entry,
  onLimit: OnLimit,
): void {
  const standing = { uid: stat.uid, gid: stat.gid, mode: stat.mode & 0o7777, mayHaveXattrs: true };
  setAttributes(handle, entry, standing, onLimit);
}
