/**
 * What a capture did and, above all, what it left out.
 */
import { REPORT_LIST_MAX } from "./limits.js";
import type { ReportedPath } from "./reported-path.js";
import { reportedPath } from "./reported-path.js";
import type { RoomMade } from "./room-made.js";

/** Something that concerns paths: how many, and the first of them. */
export interface PathList {
  /** All of them, also those beyond the 1,000 that `paths` lists. */
  readonly count: number;
  /** At most 1,000 paths relative to the captured directory, in no particular order, with why where that differs. */
  readonly paths: readonly (ReportedPath & {
    /** For people; absent where the list itself says why. */
    readonly reason?: string;
  })[];
}

/** The account of one capture. */
export interface CaptureReport extends RoomMade {
  /** Entries in the snapshot, the captured directory itself not counted. */
  readonly entries: number;
  /** Sum of the sizes of all files, each name counted. */
  readonly totalBytes: number;
  /** Bytes read from files. */
  readonly bytesRead: number;
  /** Bytes of chunks and trees that the store did not have. */
  readonly bytesNew: number;
  /** Bytes by which the packs grew, with padding and index records. */
  readonly bytesStored: number;
  /** Files that were not read because nothing touched them since they were. */
  readonly unchanged: number;
  /** Names left out by `exclude` or `gitignore`; what lies below an excluded directory is not counted. */
  readonly excluded: PathList;
  /** What could not be read and was left out (`onUnreadable: "skip"`). */
  readonly unreadable: PathList;
  /** What snapshots do not keep: sockets. */
  readonly skipped: PathList;
  /** Files that changed while they were read and were read again, and names that vanished meanwhile. */
  readonly changed: PathList;
  /** What this machine cannot capture at all, and why: extended attributes without koffi, for instance. */
  readonly limits: readonly string[];
  /** Threads that read: 0 when the calling thread did. */
  readonly workers: number;
  /** How much of a crash this capture's commit survives. */
  readonly durability: "full" | "relaxed";
  /** Milliseconds on a monotonic clock for all of the capture, the sync and the commit included, with fractions. */
  readonly durationMs: number;
}

/** The lists of a report, growing; plain data, since it crosses threads. */
export interface PathListDraft {
  count: number;
  paths: (ReportedPath & { readonly reason?: string })[];
}

export function emptyPathList(): PathListDraft {
  return { count: 0, paths: [] };
}

/** Adds a path to a list; beyond the limit it is only counted. */
export function addPath(list: PathListDraft, path: string | Buffer, reason?: string): void {
  list.count++;
  if (list.paths.length >= REPORT_LIST_MAX) return;
  list.paths.push({ ...reportedPath(path), ...(reason === undefined ? {} : { reason }) });
}

/** Adds one list to another. */
export function addPaths(list: PathListDraft, more: PathList): void {
  list.count += more.count;
  list.paths.push(...more.paths.slice(0, REPORT_LIST_MAX - list.paths.length));
}
