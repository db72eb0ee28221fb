/**
 * Damage: what reports say of chunks that are not as they should be.
 */
import type { PathList } from "../../model/capture-report.js";
import type { Digest } from "../../model/digest.js";
import type { StoredKind } from "../../snapshot/store-stats.js";
import type { ChunkProblem } from "./check-chunks.js";

/** A stored chunk that is not what it should be, or is not there. */
export interface DamagedChunk {
  /** What refers to it, and what a restore would name. */
  readonly digest: Digest;
  /** The name of the pack that it should lie in; absent where the catalog lists it in none. */
  readonly pack?: string;
  /** Where in the pack. */
  readonly offset?: number;
  /** How long it is. */
  readonly lengthBytes?: number;
  /** What it was stored for. */
  readonly kind?: StoredKind;
  /** What is wrong: as `ChunkProblem` says; `missing` where the catalog does not list it, `undecodable` where an object makes no sense. */
  readonly problem: ChunkProblem | "missing" | "undecodable";
}

/** A snapshot that damaged chunks are part of. */
export interface AffectedSnapshot {
  /** Its id. */
  readonly id: string;
  /** Its name, where it has one. */
  readonly name?: string;
  /** What of it cannot be relied on: files, and directories whose list is damaged, all that is below them included; `""` is all of it. */
  readonly paths: PathList;
}

/** A list of which the first are told. */
export interface CountedList<T> {
  /** All of them. */
  readonly count: number;
  /** At most 1,000. */
  readonly first: readonly T[];
}
