/**
 * Inode calls: what tells of a file and sets its attributes, and what reads and writes one whole.
 */
import { constants } from "node:fs";
import type { FileContent } from "../file-content.js";
import type { FileInode, Inode, Moment } from "../inode.js";
import { now } from "../inode.js";
import type { OverlayTree } from "../overlay-tree.js";
import type { Caller } from "./caller.js";
import { outOfRange, wrongType } from "./check-arguments.js";
import { refusal, refuse } from "./refusal.js";
import { resolvePath } from "./resolve-path.js";

/** Bytes that node:fs reads in one step. */
const WHOLE_BYTES_MAX = 2 ** 31 - 1;

/** Whether a symbolic link is followed. */
export type Last = "follow" | "take";

/** Returns what a path names, without owning it. */
export function look(tree: OverlayTree, path: string, last: Last): Inode {
  return resolvePath(tree, path, { last, own: false }).inode ?? refuse("ENOENT");
}

/** Returns what a path names, to be changed. */
export function own(tree: OverlayTree, path: string, last: Last): Inode {
  return resolvePath(tree, path, { last, own: true }).inode ?? refuse("ENOENT");
}

/** Returns the names in a directory, with what they are. */
export function list(
  tree: OverlayTree,
  path: string,
): { readonly names: readonly string[]; readonly kindOf: (name: string) => Inode["kind"] } {
  const inode = look(tree, path, "follow");
  if (inode.kind !== "directory") throw refusal("ENOTDIR");
  return {
    names: tree.names(inode),
    kindOf: (name) => (tree.child(inode, name) as Inode).kind,
  };
}

export function readLink(tree: OverlayTree, path: string): string {
  const inode = look(tree, path, "take");
  return inode.kind === "symlink" ? inode.target.toString("latin1") : refuse("EINVAL");
}

/** Returns the path from the root without symbolic links and dots. */
export function realPath(tree: OverlayTree, path: string): string {
  const { trail, name, inode } = resolvePath(tree, path, { last: "follow", own: false });
  if (inode === undefined) refuse("ENOENT");
  return `/${(name === undefined ? trail : [...trail, name]).join("/")}`;
}

/** Fails where the caller may not do what a mode of access(2) says: only to execute what nobody may execute. */
export function checkAccess(tree: OverlayTree, path: string, mode: number): void {
  const inode = look(tree, path, "follow");
  const isExecutable = inode.kind === "directory" || (inode.mode & 0o111) !== 0;
  if ((mode & constants.X_OK) !== 0 && !isExecutable) refuse("EACCES");
}

/** Sets attributes. */
export function setAttributes(
  tree: OverlayTree,
  inode: Inode,
  attributes: Partial<Pick<Inode, "mode" | "uid" | "gid" | "accessed" | "modified">>,
): void {
  tree.change({ ...inode, ...attributes, changed: now() });
}

/** Sets the owner; -1 leaves it as it is. As root's chown(2), which takes the set-ID bits away from programs. */
export function setOwner(tree: OverlayTree, inode: Inode, uid: number, gid: number): void {
  const id = (given: number, was: number) => (given === -1 || given === 0xffff_ffff ? was : given);
  setAttributes(tree, inode, {
    uid: id(uid, inode.uid),
    gid: id(gid, inode.gid),
    mode: inode.kind === "directory" ? inode.mode : withoutIds(inode.mode),
  });
}

/** Set-group-ID without the right to execute means something else, and stays. */
function withoutIds(mode: number): number {
  return mode & ~0o4000 & ((mode & 0o0010) === 0 ? 0o7777 : ~0o2000);
}

/** Returns all bytes of a file; the buffer is the caller's. */
export function readWhole(tree: OverlayTree, path: string): Buffer {
  const inode = look(tree, path, "follow");
  if (inode.kind === "directory") refuse("EISDIR");
  if (inode.kind !== "file") throw refusal("ENXIO");
  const bytes = Buffer.allocUnsafe(wholeSize(inode.content.sizeBytes));
  inode.content.read(tree.objects, bytes, 0);
  return bytes;
}

/** Returns a size that a file can be read whole at. @throws {RangeError} ERR_FS_FILE_TOO_LARGE */
export function wholeSize(sizeBytes: number): number {
  if (sizeBytes <= WHOLE_BYTES_MAX) return sizeBytes;
  const message = `File size (${sizeBytes}) is greater than 2 GiB`;
  throw Object.assign(new RangeError(message), { code: "ERR_FS_FILE_TOO_LARGE" });
}

/** Sets the size of a file by its path. */
export function truncate(tree: OverlayTree, path: string, sizeBytes: number): void {
  const inode = own(tree, path, "follow");
  if (inode.kind === "directory") refuse("EISDIR");
  if (inode.kind !== "file") throw refusal("EINVAL");
  putContent(tree, inode, inode.content.resize(tree.owner, tree.objects, sizeBytes));
}

function putContent(tree: OverlayTree, inode: FileInode, content: FileContent): void {
  const moment = now();
  tree.change({ ...inode, content, modified: moment, changed: moment });
}

/** Has a file hold what another one holds, without reading it: both share what neither writes over. */
export function shareContent({ tree }: Pick<Caller, "tree">, from: FileInode, to: FileInode): void {
  tree.seal();
  putContent(tree, to, from.content);
}

/** Seconds that can be told exactly, and are kept by stores. */
const SECONDS_END = 2 ** 53;

/** Returns a number, or one that is spelled out. */
function secondsOf(time: unknown): number {
  if (typeof time === "number") return time;
  return typeof time === "string" && time.trim() !== "" ? Number(time) : Number.NaN;
}

/** Returns a moment as node:fs takes it: seconds since 1970, or a date. */
export function momentOf(time: number | string | Date): Moment {
  const seconds = time instanceof Date ? time.getTime() / 1000 : secondsOf(time);
  if (!Number.isFinite(seconds)) throw wrongType("time", "a date or a number of seconds", time);
  if (Math.abs(seconds) >= SECONDS_END) throw outOfRange("time", "what a record can hold", time);
  const whole = Math.floor(seconds);
  // A number of seconds tells microseconds, not more.
  const microseconds = Math.round((seconds - whole) * 1e6);
  return microseconds === 1e6
    ? { seconds: whole + 1, nanoseconds: 0 }
    : { seconds: whole, nanoseconds: microseconds * 1000 };
}
