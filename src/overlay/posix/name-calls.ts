/**
 * Name calls: what gives names, takes them away and moves them. They answer as Linux does.
 */
import { posix } from "node:path";
import type { DirectoryInode, Inode } from "../inode.js";
import { now } from "../inode.js";
import { PersistentMap } from "../persistent-map.js";
import type { Caller } from "./caller.js";
import { createInode, stampNow } from "./caller.js";
import type { Last } from "./inode-calls.js";
import { look } from "./inode-calls.js";
import { textOf } from "./path-bytes.js";
import { calling, errnoOf, refusal, refuse } from "./refusal.js";
import type { Resolved } from "./resolve-path.js";
import { resolvePath } from "./resolve-path.js";

/** Bytes of a link's target (symlink(2)). */
const TARGET_BYTES_MAX = 4095;

/** A last name that no file can have. */
const LONG_NAME = /[^/]{256,}\/*$/;

/** Makes a directory. */
export function makeDirectory(caller: Caller, path: string, mode: number): void {
  const place = placeFor(caller, path, true);
  createInode(caller, place, (attributes) => ({
    ...attributes,
    // One that gives its group to what is made in it gives directories that way, too.
    mode: (mode & 0o1777 & ~caller.umask) | (place.parent.mode & 0o2000),
    kind: "directory",
    tree: undefined,
    names: PersistentMap.empty(),
    touched: PersistentMap.empty(),
  }));
}

/**
 * Makes a directory, and those above it that are missing: tries, goes up where something is missing, and comes back.
 *
 * @returns the first one that was made, as the path spells it; `undefined` where all were there
 */
export function makeDirectories(caller: Caller, path: string, mode: number): string | undefined {
  const pending = [path];
  let first: string | undefined;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const isLast = pending.length === 0;
    const at = next;
    // The error is about the directory that could not be made, be it one above.
    const outcome = calling({ syscall: "mkdir", path: textOf(at) }, () =>
      tryDirectory(caller, at, mode, isLast),
    );
    if (outcome === "nothing above") pending.push(at, at.slice(0, at.lastIndexOf("/")));
    else if (outcome === "made") first ??= at;
  }
  return first;
}

function tryDirectory(
  caller: Caller,
  path: string,
  mode: number,
  isLast: boolean,
): "made" | "there" | "nothing above" {
  try {
    makeDirectory(caller, path, mode);
    return "made";
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" && path.includes("/")) return "nothing above";
    if (errno !== "EEXIST") throw error;
    if (kindOf(caller, path, { last: "follow", isMissingFine: !isLast }) === "directory")
      return "there";
    throw refusal(isLast ? "EEXIST" : "ENOTDIR");
  }
}

/** Removes an empty directory. */
export function removeDirectory(caller: Caller, path: string): void {
  const { tree } = caller;
  const { parent, name, inode, dots } = resolvePath(tree, path, { last: "take-always", own: true });
  if (dots === "root") refuse("EBUSY");
  if (dots === ".") refuse("EINVAL");
  if (name === undefined) throw refusal("ENOTEMPTY");
  if (inode === undefined) throw refusal("ENOENT");
  if (inode.kind !== "directory") throw refusal("ENOTDIR");
  if (!tree.isEmpty(inode)) refuse("ENOTEMPTY");
  tree.unlink(inode, { parent: parent.number, name });
  stampNow(tree, parent.number);
}

/** Takes a name away that is no directory's. */
export function removeName(caller: Caller, path: string): void {
  const { tree } = caller;
  const found = resolvePath(tree, path, { last: "take-always", own: true });
  const { parent, name, inode, hasSlash } = found;
  if (name === undefined) throw refusal("EISDIR");
  if (inode === undefined) throw refusal("ENOENT");
  if (inode.kind === "directory") throw refusal("EISDIR");
  if (hasSlash) refuse("ENOTDIR");
  tree.unlink({ ...inode, changed: now() }, { parent: parent.number, name });
  stampNow(tree, parent.number);
}

/** Returns what a path is. @throws a refusal where there is nothing, unless that is fine */
export function kindOf(
  { tree }: Caller,
  path: string,
  { last = "take", isMissingFine }: { readonly last?: Last; readonly isMissingFine: boolean },
): Inode["kind"] | undefined {
  try {
    return look(tree, path, last).kind;
  } catch (error) {
    if (isMissingFine && errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Takes a directory away with all that is in it. */
export function removeTree(caller: Caller, path: string): void {
  const { tree } = caller;
  const { parent, name, inode, dots } = resolvePath(tree, path, { last: "take-always", own: true });
  if (dots === "..") {
    removeAbove(caller, path);
    return;
  }
  if (name === undefined) throw refusal(dots === "root" ? "EBUSY" : "EINVAL");
  if (inode?.kind !== "directory") throw refusal("ENOTDIR");
  tree.unlinkTree(inode, { parent: parent.number, name });
  stampNow(tree, parent.number);
}

/** A directory cannot be removed by the name `..`, but what is in it is, as by node:fs. */
function removeAbove(caller: Caller, path: string): void {
  for (const name of caller.tree.names(look(caller.tree, path, "take") as DirectoryInode)) {
    const below = posix.join(path, name);
    const kind = kindOf(caller, below, { isMissingFine: true });
    if (kind === "directory") removeTree(caller, below);
    else if (kind !== undefined) removeName(caller, below);
  }
  try {
    removeDirectory(caller, path);
  } catch (error) {
    // The path itself may have led through what was removed.
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Gives what is there another name; what had that name is replaced. */
export function rename(caller: Caller, from: string, to: string): void {
  const { tree } = caller;
  const { inode: first } = resolvePath(tree, from, { last: "take-always", own: true });
  // That there is nothing to rename is found out before the new name is looked up, though not before its directory.
  const toward = first === undefined && to.length < 4096 ? to.replace(LONG_NAME, "long") : to;
  const target = resolvePath(tree, toward, { last: "take-always", own: true });
  // Once more: owning what the second path leads through may have made other values of the first.
  const source = resolvePath(tree, from, { last: "take-always", own: true });
  if (source.name === undefined || target.name === undefined) throw refusal("EBUSY");
  const moved = source.inode;
  const replaced = target.inode;
  if (moved === undefined) throw refusal("ENOENT");
  const isDirectory = moved.kind === "directory";
  if (!isDirectory && (source.hasSlash || target.hasSlash)) refuse("ENOTDIR");
  if (isDirectory && isBelow(caller, target.parent, moved.number)) refuse("EINVAL");
  if (replaced !== undefined && isBelow(caller, source.parent, replaced.number))
    refuse("ENOTEMPTY");
  if (moved.number === replaced?.number) return;
  if (replaced !== undefined) {
    if (isDirectory && replaced.kind !== "directory") refuse("ENOTDIR");
    if (!isDirectory && replaced.kind === "directory") refuse("EISDIR");
    if (replaced.kind === "directory" && !tree.isEmpty(replaced)) refuse("ENOTEMPTY");
  }
  const oldPlace = { parent: source.parent.number, name: source.name };
  const newPlace = { parent: target.parent.number, name: target.name };
  if (replaced !== undefined) tree.unlink(replaced, newPlace);
  if (isDirectory) tree.moveDirectory(moved, oldPlace, newPlace);
  else {
    tree.link(tree.inode(moved.number), newPlace);
    tree.unlink(tree.inode(moved.number), oldPlace);
  }
  tree.change({ ...tree.inode(moved.number), changed: now() });
  for (const place of [oldPlace, newPlace]) stampNow(tree, place.parent);
}

/** Gives a file another name. */
export function makeLink(caller: Caller, existing: string, path: string): void {
  const { tree } = caller;
  const source = resolvePath(tree, existing, { last: "take", own: true });
  if (source.inode === undefined) throw refusal("ENOENT");
  const { parent, name } = placeFor(caller, path, false);
  if (source.inode.kind === "directory") refuse("EPERM");
  tree.link(tree.inode(source.inode.number), { parent: parent.number, name });
  tree.change({ ...tree.inode(source.inode.number), changed: now() });
  stampNow(tree, parent.number);
}

/** Makes a symbolic link. */
export function makeSymlink(caller: Caller, target: string, path: string): void {
  if (target === "") refuse("ENOENT");
  if (target.length > TARGET_BYTES_MAX) refuse("ENAMETOOLONG");
  const place = placeFor(caller, path, false);
  createInode(caller, place, (attributes) => ({
    ...attributes,
    mode: 0o777,
    kind: "symlink",
    target: Buffer.from(target, "latin1"),
  }));
}

/** Returns where a new name goes, which must not be there yet. */
function placeFor(
  { tree }: Caller,
  path: string,
  isDirectory: boolean,
): { readonly parent: DirectoryInode; readonly name: string } {
  const { parent, name, inode, hasSlash }: Resolved = resolvePath(tree, path, {
    last: "take-always",
    own: true,
  });
  if (name === undefined || inode !== undefined) throw refusal("EEXIST");
  if (hasSlash && !isDirectory) refuse("ENOENT");
  return { parent, name };
}

/** Returns whether a directory is an inode or lies below it. */
function isBelow({ tree }: Caller, directory: DirectoryInode, number: number): boolean {
  for (
    let each: Inode = directory;
    ;
    each = tree.inode((each.places[0] as { parent: number }).parent)
  ) {
    if (each.number === number) return true;
    if (each.places.length === 0) return false;
  }
}
