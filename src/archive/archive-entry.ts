/**
 * Archive entry: what a reader of some archive format tells of one entry, whatever the format.
 */
import type { Xattr } from "../model/entry.js";
import type { EntryBody } from "./bytes/entry-body.js";

/** What an entry of an archive is. */
export type ArchiveEntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "hard-link"
  | "fifo"
  | "character-device"
  | "block-device";

/** One entry of an archive. Buffers are views, which last until the next entry is asked for. */
export interface ArchiveEntry {
  /** From 1 on, in the archive's order. */
  readonly number: number;
  readonly kind: ArchiveEntryKind;
  /** As the archive has it. */
  readonly path: Buffer;
  /** Of a symbolic link; of a hard link the path of another entry. */
  readonly target: Buffer;
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** Sorted by name bytes. */
  readonly xattrs: readonly Xattr[];
  /** Of a device. */
  readonly major: number;
  readonly minor: number;
  /** Of a file. */
  readonly body: EntryBody | undefined;
  /** What it has that there is no place for. */
  readonly dropped: readonly string[];
}

/** Reads the entries of an archive, one after the other. Yields where it needs more bytes than there are. */
export interface ArchiveReader {
  /** Returns the next entry, `undefined` after the last one. What is left of the body of the one before is skipped. */
  next(): Generator<void, ArchiveEntry | undefined>;
}
