/**
 * Caller: who makes calls on an overlay, and how what is made comes to be. Nobody is refused anything, as root is not;
 * modes and owners are kept for who captures or restores them.
 */
import type { DirectoryInode, Inode, Moment } from "../inode.js";
import { now } from "../inode.js";
import type { OverlayTree } from "../overlay-tree.js";

export interface Caller {
  readonly tree: OverlayTree;
  /** Owner of what is made. */
  readonly uid: number;
  readonly gid: number;
  /** Permission bits that what is made does not get. */
  readonly umask: number;
}

/** What a new inode starts with. */
export type NewAttributes = Pick<
  Inode,
  "number" | "uid" | "gid" | "xattrs" | "modified" | "accessed" | "changed" | "born" | "places"
>;

/** Makes an inode with a name that is free in an owned directory. */
export function createInode(
  { tree, uid, gid }: Caller,
  { parent, name }: { readonly parent: DirectoryInode; readonly name: string },
  make: (attributes: NewAttributes) => Inode,
): Inode {
  const moment = now();
  const times = { modified: moment, accessed: moment, changed: moment, born: moment };
  const number = tree.newNumber();
  // A directory with the set-group-ID bit gives its group to what is made in it.
  const group = (parent.mode & 0o2000) === 0 ? gid : parent.gid;
  const inode = make({ number, uid, gid: group, xattrs: [], ...times, places: [] });
  tree.link(inode, { parent: parent.number, name });
  stamp(tree, parent.number, moment);
  return tree.inode(number);
}

/** Notes that what is in an owned directory changed. */
export function stampNow(tree: OverlayTree, number: number): void {
  stamp(tree, number, now());
}

function stamp(tree: OverlayTree, number: number, moment: Moment): void {
  tree.change({ ...tree.directory(number), modified: moment, changed: moment });
}
