/**
 * Prune report: the account of what a policy removed, and what it kept.
 */
import type { RetentionPolicy } from "../../model/retention-policy.js";
import type { GcReport } from "../collect/gc-report.js";
import type { GoReason, StayReason } from "./plan-retention.js";

/** What became of a snapshot, or would. */
export interface PrunedSnapshot {
  /** As in `Snapshot`. */
  readonly id: string;
  /** Its name; free again, where it went. */
  readonly name?: string;
  /** The directory that was captured. */
  readonly source: string;
  /** When it was captured. */
  readonly createdAt: Date;
  /** Whether it stays. */
  readonly stays: boolean;
  /** Why it stays, or goes. */
  readonly reason: StayReason | GoReason;
}

/** What a policy came to. */
export interface PruneReport {
  /** Whether it only looked. */
  readonly dryRun: boolean;
  /** The policy that it went by. */
  readonly policy: RetentionPolicy;
  /** All snapshots, the newest first. */
  readonly snapshots: readonly PrunedSnapshot[];
  /** Ids of those that went, or would, in no order. */
  readonly pruned: readonly string[];
  /** Bytes that the packs hold now. */
  readonly heldBytes: number;
  /** Why they hold more than `maxBytes`, for people; absent where they do not, and where it only looked. */
  readonly overLimit?: string;
  /** What the collection after it did; absent where it only looked. */
  readonly gc?: GcReport;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
