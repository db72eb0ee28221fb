/**
 * Merge report: the account of a merge.
 */

import type { Durability } from "../model/options.js";
import type { ReportedPath } from "../model/reported-path.js";
import { reportedPath } from "../model/reported-path.js";
import type { RoomMade } from "../model/room-made.js";
import type { Change } from "../snapshot/diff.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { Rename } from "./follow-renames.js";
import type { MergeConflict } from "./merge-conflict.js";
import type { ResolvedConflict } from "./resolve-conflicts.js";

/** Something that one side renamed and the other one changed: it has the new name and the changes. */
export interface FollowedRename extends ReportedPath {
  /** The side that renamed it. */
  readonly side: "ours" | "theirs";
  /** What it was. */
  readonly from: ReportedPath;
}

/** The account of a merge. */
export interface MergeReport extends RoomMade {
  /** The state from which the changes of both sides were told. */
  readonly base: Snapshot;
  /** The one that was merged into. */
  readonly ours: Snapshot;
  /** The one that was merged. */
  readonly theirs: Snapshot;
  /** Whether ours is in the state of the base, so that the merge is in the state of theirs. */
  readonly isFastForward: boolean;
  /** What the merge changes in ours, sorted by path. Of a plan with conflicts: with ours left as it is there. */
  readonly changes: readonly Change[];
  /** Files that both sides changed and that were merged line by line, sorted by path. */
  readonly byLines: readonly ReportedPath[];
  /** What was renamed on one side and changed on the other. */
  readonly renames: readonly FollowedRename[];
  /** Conflicts that were decided on, sorted by path. */
  readonly resolved: readonly ResolvedConflict[];
  /** Conflicts that nobody decided on, sorted by path: of a plan alone, since otherwise they are an error. */
  readonly conflicts: readonly MergeConflict[];
  /** Bytes that the store did not have, before padding and indexes; 0 of a plan. */
  readonly bytesNew: number;
  /** What was asked for, or more: in a damaged store nothing is `relaxed`. */
  readonly durability: Durability;
  /** How long it took, in milliseconds, with the time that `onConflict` took. */
  readonly durationMs: number;
}

/** Returns how a rename is told. */
export function reportedRename({ side, from, to }: Rename): FollowedRename {
  return { side, from: reportedPath(from), ...reportedPath(to) };
}
