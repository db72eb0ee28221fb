/**
 * Inode: a file, a directory or something else in an overlay, whatever names it has. Values that never change: a
 * change makes another one of the same number.
 */
import type { Keep } from "../catalog/hold-table.js";
import type { DirectoryEntry, Entry, EntryAttributes, Xattr } from "../model/entry.js";
import type { TreeSummary } from "../tree/tree-builder.js";
import { FileContent } from "./file-content.js";
import { PersistentMap } from "./persistent-map.js";

/** A moment: seconds since 1970, and nanoseconds upwards from these. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A name in a directory; names are bytes, as Latin-1. */
export interface Place {
  readonly parent: number;
  readonly name: string;
}

interface InodeAttributes {
  readonly number: number;
  /** Permission bits with set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly xattrs: readonly Xattr[];
  readonly modified: Moment;
  readonly accessed: Moment;
  /** When anything of it changed last. */
  readonly changed: Moment;
  readonly born: Moment;
  /** Where it is; none where all names were removed. A directory has one, the root none. */
  readonly places: readonly Place[];
}

export interface FileInode extends InodeAttributes {
  readonly kind: "file";
  readonly content: FileContent;
}

/** Names in the directory are what `names` says, or else what the tree says. */
export interface DirectoryInode extends InodeAttributes {
  readonly kind: "directory";
  /** What is stored of it; `undefined` where nothing is. */
  readonly tree: TreeSummary | undefined;
  /** The numbers of inodes, or `GONE`. */
  readonly names: PersistentMap<string, number>;
  /** The names whose records in the tree are not what they are now. */
  readonly touched: PersistentMap<string, true>;
}

export interface SymlinkInode extends InodeAttributes {
  readonly kind: "symlink";
  readonly target: Buffer;
}

export interface SpecialInode extends InodeAttributes {
  readonly kind: "fifo" | "character-device" | "block-device";
  readonly major: number;
  readonly minor: number;
}

export type Inode = FileInode | DirectoryInode | SymlinkInode | SpecialInode;

/** Stands for a name of the tree that was removed. */
export const GONE = 0;

/** The number of the root. */
export const ROOT = 1;

/**
 * Returns the inode that stands for a stored entry.
 *
 * @param keep of what it is stored in
 */
export function inodeOf(
  entry: Entry,
  number: number,
  places: readonly Place[],
  keep?: Keep,
): Inode {
  const modified = { seconds: entry.mtimeSeconds, nanoseconds: entry.mtimeNanoseconds };
  const attributes = {
    number,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    xattrs: entry.xattrs,
    modified,
    accessed: modified,
    changed: modified,
    born: modified,
    places,
  };
  switch (entry.kind) {
    case "file":
      return {
        kind: "file",
        ...attributes,
        content: FileContent.stored(entry.content, entry.sizeBytes, keep),
      };
    case "directory":
      return {
        kind: "directory",
        ...attributes,
        tree: summaryOf(entry),
        names: PersistentMap.empty(),
        touched: PersistentMap.empty(),
      };
    case "symlink":
      return { kind: "symlink", ...attributes, target: entry.target };
    case "fifo":
      return { kind: "fifo", ...attributes, major: 0, minor: 0 };
    default:
      return { ...attributes, kind: entry.kind, major: entry.major, minor: entry.minor };
  }
}

function summaryOf({ tree, stateTree, entryCount, totalBytes }: DirectoryEntry): TreeSummary {
  return { digest: tree, stateDigest: stateTree, entryCount, totalBytes };
}

/** Returns what an entry of an inode has in common with all others. */
export function attributesOf(inode: Inode, name: string): EntryAttributes {
  return {
    name: Buffer.from(name, "latin1"),
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    mtimeSeconds: inode.modified.seconds,
    mtimeNanoseconds: inode.modified.nanoseconds,
    xattrs: inode.xattrs,
  };
}

/** Returns the moment of now, as the system's clock tells it. */
export function now(): Moment {
  const ms = Date.now();
  const seconds = Math.floor(ms / 1000);
  const fraction = Number(process.hrtime.bigint() % 1_000_000n);
  return { seconds, nanoseconds: (ms - seconds * 1000) * 1_000_000 + fraction };
}
