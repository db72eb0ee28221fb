/**
 * Entries as callers see them.
 */

import type { Digest } from "../model/digest.js";
import { formatDigest } from "../model/digest.js";
import type { Entry, EntryKind, Xattr } from "../model/entry.js";

/** What `stat`, `readdir` and `walk` tell of an entry. */
export interface EntryInfo {
  /** Relative to the snapshot's root, `/` between names; bytes that are not UTF-8 show as U+FFFD. */
  readonly path: string;
  /** The exact bytes of `path`. */
  readonly pathBytes: Buffer;
  /** The last name of `path`; empty for the root. */
  readonly name: string;
  /** What it is, symbolic links not followed. */
  readonly kind: EntryKind;
  /** Of a file: its bytes; of a directory: the sum of all files below; of a link: its target's bytes; else 0. */
  readonly sizeBytes: number;
  /** Permission bits with set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  /** User id of the owner as captured, 0 to 2^32 - 1. */
  readonly uid: number;
  /** Group id as captured, 0 to 2^32 - 1. */
  readonly gid: number;
  /** Nanoseconds since 1970, may be negative. */
  readonly mtimeNs: bigint;
  /** Extended attributes and ACLs, sorted by the bytes of their names; empty where none were captured. */
  readonly xattrs: readonly Xattr[];
  /** Content address of a file's bytes (absent where it is empty) or of a directory's tree. */
  readonly digest?: Digest;
  /** Of a directory: entries in it and below. */
  readonly entryCount?: number;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Of a device. */
  readonly device?: {
    /** Which driver, as in makedev(3). */
    readonly major: number;
    /** Which of the driver's devices. */
    readonly minor: number;
  };
}

/** Returns what callers see of an entry. */
export function entryInfo(entry: Entry, pathBytes: Buffer): EntryInfo {
  const { kind, mode, uid, gid, xattrs } = entry;
  const common = {
    path: pathBytes.toString(),
    pathBytes,
    name: entry.name.toString(),
    kind,
    sizeBytes: 0,
    mode,
    uid,
    gid,
    mtimeNs: BigInt(entry.mtimeSeconds) * 1_000_000_000n + BigInt(entry.mtimeNanoseconds),
    xattrs,
  };
  switch (entry.kind) {
    case "file": {
      const digest =
        entry.content.form === "empty" ? {} : { digest: formatDigest(entry.content.digest) };
      return { ...common, sizeBytes: entry.sizeBytes, ...digest };
    }
    case "directory":
      return {
        ...common,
        sizeBytes: entry.totalBytes,
        digest: formatDigest(entry.tree),
        entryCount: entry.entryCount,
      };
    case "symlink":
      return { ...common, sizeBytes: entry.target.length, target: entry.target.toString() };
    case "fifo":
      return common;
    default:
      return { ...common, device: { major: entry.major, minor: entry.minor } };
  }
}
