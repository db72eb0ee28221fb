/**
 * What threads tell one another during a scan. Plain data.
 */
import type { SystemPath } from "../system/system-path.js";
import type { ScanTally } from "./scan-tally.js";

/** What every thread of a scan works with. */
export interface ScanSettings {
  /** The directory to scan. */
  readonly root: SystemPath;
  /** Patterns in the syntax of gitignore, relative to the root. */
  readonly exclude: readonly string[];
  /** Whether `.gitignore` files are heeded. */
  readonly gitignore: boolean;
  /** `differ`: a file counts as one that is equal to no other; what else cannot be read fails. */
  readonly onUnreadable: "fail" | "skip" | "differ";
  /**
   * Identities of directories that are left out wherever they lie: the stores that this process has open. To
   * close a file of theirs would end this process's locks on it (fcntl(2)).
   */
  readonly omit: readonly string[];
  /** Paths that are left out, whatever is there (model/omitted-paths). */
  readonly omitPaths: readonly string[];
  /** The stat cache's bytes; empty where there is none. */
  readonly cache: SharedArrayBuffer;
}

/** A directory to list. */
export interface DirectoryTask {
  readonly id: number;
  /** Relative to the root; empty for the root itself. */
  readonly path: SystemPath;
  /** Device and inode by which it was found. */
  readonly identity: string;
  /** Offset of its block in the cache; 0 for none. */
  readonly cacheBlock: number;
}

/** A file to read: one too large to be read along the way, or one with several names. */
export interface FileTask {
  /** The directory and the entry in its block that wait for it. */
  readonly directory: number;
  readonly entry: number;
  readonly path: SystemPath;
  readonly identity: string;
  /** Whether it has other names: another file in its place is then not read for all of them. */
  readonly isLinked: boolean;
}

export interface ScanTask {
  readonly directories: readonly DirectoryTask[];
  readonly files: readonly FileTask[];
}

/** A directory as found. */
export type DirectoryResult =
  /** Exactly as its block in the cache says, subdirectories' content aside. */
  | { readonly id: number; readonly outcome: "same" }
  | { readonly id: number; readonly outcome: "listed"; readonly block: Uint8Array }
  /** Not there any more, another one, or unreadable and to be left out. */
  | { readonly id: number; readonly outcome: "gone" };

/** A file as read. */
export interface FileResult {
  readonly directory: number;
  readonly entry: number;
  /** Its tree record; absent when the file is gone or to be left out. */
  readonly record?: Uint8Array;
  readonly lanes?: Uint32Array;
}

export interface ScanResult {
  readonly directories: readonly DirectoryResult[];
  readonly files: readonly FileResult[];
  readonly tally: ScanTally;
}
