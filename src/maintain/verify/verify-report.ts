/**
 * Verify report: the account of a verification.
 */
import type { PackProblemKind } from "../check/check-structure.js";
import type { AffectedSnapshot, CountedList, DamagedChunk } from "../check/damage.js";

/** Something wrong that is no chunk. */
export interface StructureProblem {
  /** What kind of thing: of packs as `PackProblemKind` says; else what is wrong in the catalog. */
  readonly kind: PackProblemKind | "catalog" | "record" | "name" | "parent";
  /** For people. */
  readonly message: string;
  /** The pack's name, where it is about one. */
  readonly pack?: string;
  /** The snapshot's id, where it is about one. */
  readonly snapshot?: string;
}

/** What a verification found. */
export interface VerifyReport {
  /** Whether nothing is wrong with what was looked at. */
  readonly ok: boolean;
  /** Whether SHA-256 was computed of what was looked at. */
  readonly deep: boolean;
  /** Snapshots that are there: the trees of all of them were read. */
  readonly snapshots: number;
  /** Packs that are there: how all of them are made was looked at. */
  readonly packs: number;
  /** Packs of which all chunks have been looked at, in this run or in the ones that it goes on from. */
  readonly packsChecked: number;
  /** Chunks whose bytes were looked at. */
  readonly chunksChecked: number;
  /** How many bytes these are. */
  readonly bytesChecked: number;
  /** Chunks that are damaged or missing. */
  readonly damaged: CountedList<DamagedChunk>;
  /** The snapshots that these are part of, newest first. */
  readonly affected: readonly AffectedSnapshot[];
  /** What else is wrong. */
  readonly problems: CountedList<StructureProblem>;
  /** What people should know. */
  readonly remarks: readonly string[];
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
