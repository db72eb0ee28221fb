/**
 * Repair report: the account of a repair.
 */
import type { AffectedSnapshot, CountedList, DamagedChunk } from "../check/damage.js";

/** A snapshot that a repair speaks of. */
export interface RepairedSnapshot {
  /** Its id. */
  readonly id: string;
  /** The name that it has, or had. */
  readonly name?: string;
  /** The directory that was captured. */
  readonly source: string;
  /** When it was made. */
  readonly createdAt: Date;
}

/** What a repair did, or would do. */
export interface RepairReport {
  /** Whether it only looked. */
  readonly dryRun: boolean;
  /** Whether the catalog was made anew from the packs. */
  readonly rebuilt: boolean;
  /** Snapshots that there are now. */
  readonly snapshots: number;
  /** Those that the catalog did not list. */
  readonly recovered: readonly RepairedSnapshot[];
  /** Those of them whose name a newer one has: they have none now. */
  readonly unnamed: readonly RepairedSnapshot[];
  /** Those whose record was found, and nothing else of them that could be read. */
  readonly lost: readonly RepairedSnapshot[];
  /** Those that miss something still, newest first, and what; of a dry run, before anything is taken from directories. */
  readonly degraded: readonly AffectedSnapshot[];
  /** Chunks that these miss. */
  readonly missing: CountedList<DamagedChunk>;
  /** Chunks that packs held and the catalog did not list. */
  readonly chunksAdded: number;
  /** Chunks that the catalog listed and whose bytes are not there. */
  readonly chunksRemoved: number;
  /** Chunks that were found in directories, and stored again. */
  readonly chunksHealed: number;
  /** What was put aside, below the store. */
  readonly quarantined: readonly string[];
  /** What people should know. */
  readonly remarks: readonly string[];
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
