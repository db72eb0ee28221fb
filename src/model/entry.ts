/**
 * Entry: one name in a directory, as captured. The vocabulary in which everything that comes in
 * and goes out speaks; plain values without behaviour.
 */

/** What an entry is. Sockets are not kept: they mean nothing without the process that listens. */
export type EntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "character-device"
  | "block-device";

/** One extended attribute; names and values are bytes. */
export interface Xattr {
  /** With its namespace, for example `user.comment`. */
  readonly name: Buffer;
  /** The exact bytes, possibly none; may share memory with other entries, so copy it before changing it. */
  readonly value: Buffer;
}

/** How a file's bytes are held. */
export type Content =
  /** No bytes: size 0. */
  | { readonly form: "empty" }
  /** All bytes are one chunk. */
  | { readonly form: "chunk"; readonly digest: Buffer }
  /** The bytes are cut; the digest is the root of the chunk list. */
  | { readonly form: "list"; readonly digest: Buffer };

/** What every entry has. */
export interface EntryAttributes {
  /** The name's bytes, 1 to 65,535, without `/` and NUL; empty only for a root. */
  readonly name: Buffer;
  /** Permission bits with set-user-ID, set-group-ID and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** Owner, 0 to 2^32 - 1. */
  readonly uid: number;
  /** Group, 0 to 2^32 - 1. */
  readonly gid: number;
  /** Whole seconds since 1970, may be negative. */
  readonly mtimeSeconds: number;
  /** 0 to 999,999,999, counted upwards from `mtimeSeconds`. */
  readonly mtimeNanoseconds: number;
  /** Sorted by name bytes. */
  readonly xattrs: readonly Xattr[];
}

/** What entries have that stand for something else than a file of somebody's. */
export const NO_ATTRIBUTES: EntryAttributes = {
  name: Buffer.alloc(0),
  mode: 0,
  uid: 0,
  gid: 0,
  mtimeSeconds: 0,
  mtimeNanoseconds: 0,
  xattrs: [],
};

export interface FileEntry extends EntryAttributes {
  readonly kind: "file";
  readonly sizeBytes: number;
  readonly content: Content;
}

export interface DirectoryEntry extends EntryAttributes {
  readonly kind: "directory";
  /** The tree object of what is in it. */
  readonly tree: Buffer;
  /** The same, without times and owners. */
  readonly stateTree: Buffer;
  /** Entries in it and below it, itself not counted. */
  readonly entryCount: number;
  /** Sum of the sizes of the regular files in it and below it, each name counted. */
  readonly totalBytes: number;
}

export interface SymlinkEntry extends EntryAttributes {
  readonly kind: "symlink";
  readonly target: Buffer;
}

export interface FifoEntry extends EntryAttributes {
  readonly kind: "fifo";
}

export interface DeviceEntry extends EntryAttributes {
  readonly kind: "character-device" | "block-device";
  readonly major: number;
  readonly minor: number;
}

/** One name in a directory. */
export type Entry = FileEntry | DirectoryEntry | SymlinkEntry | FifoEntry | DeviceEntry;
