/**
 * Erase report: the account of what was erased, from where, and what of it still stands.
 */
import type { PathList } from "../../model/capture-report.js";
import type { Digest } from "../../model/digest.js";
import type { ReportedPath } from "../../model/reported-path.js";

/** A snapshot from which something was erased, or would be. */
export interface ErasedSnapshot {
  /** As in `Snapshot`; it stays what it was. */
  readonly id: string;
  /** Its name. */
  readonly name?: string;
  /** The directory that was captured. */
  readonly source: string;
  /** Its digest before. */
  readonly digestBefore: Digest;
  /** Its digest now, or what it would be. */
  readonly digest: Digest;
  /** What went from it; of a directory, only that itself. */
  readonly paths: PathList;
}

/** A path at which content still stands that was erased elsewhere. */
export interface StandingContent extends ReportedPath {
  /** Id of the newest snapshot in which it stands there. */
  readonly snapshot: string;
}

/** Paths at which content still stands. */
export interface StandingPaths {
  /** All of them, also those beyond the 1,000 that `paths` lists. */
  readonly count: number;
  /** At most 1,000, each once. */
  readonly paths: readonly StandingContent[];
}

/** A place in the store of which it could not be proved that nothing is left in it. */
export interface RemainingBytes {
  /** A file or directory, relative to the store. */
  readonly place: string;
  /** Why, for people. */
  readonly reason: string;
}

/** What an erasure did, or would do. */
export interface EraseReport {
  /** Whether it only looked. */
  readonly dryRun: boolean;
  /** The snapshots that changed, the newest first. */
  readonly snapshots: readonly ErasedSnapshot[];
  /** What no snapshot had, as it was given. */
  readonly notFound: readonly string[];
  /** Different contents that were erased; empty files count as none. */
  readonly contents: number;
  /** Bytes of their chunks that are gone. */
  readonly bytesErased: number;
  /** Bytes of their chunks that stay, since other files have them too. */
  readonly bytesShared: number;
  /** Where the very same contents still stand. */
  readonly standing: StandingPaths;
  /** What could not be proved to be gone; empty where it only looked. */
  readonly remaining: readonly RemainingBytes[];
  /** Packs whose dead bytes were read back as zeros. 0 where it only looked. */
  readonly packsProved: number;
  /** What people should know. */
  readonly remarks: readonly string[];
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
