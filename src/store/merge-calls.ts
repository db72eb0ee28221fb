/**
 * Merge calls: what snapshots have in common, and putting together what became of it. Thin: they forward to functions.
 */
import type { MergeOptions, MergePlan, MergeResult } from "../merge/merge.js";
import { Snapshot } from "../snapshot/snapshot.js";
import { lazily } from "./lazily.js";
import { SnapshotCalls } from "./snapshot-calls.js";

const withMerge = lazily(() => import("../merge/merge.js"));

/** What is merged, and how. */
export interface MergeRequest extends MergeOptions {
  /** What is merged into: the first parent of the new snapshot, whose source and filter it gets. */
  readonly ours: Snapshot | string;
  /** What is merged: its second parent. */
  readonly theirs: Snapshot | string;
  /** What both are compared with to tell what they changed. @default their common ancestor (`commonAncestor`) */
  readonly base?: Snapshot | string;
}

/** The calls of a store that are about merging, and those about snapshots. */
export class MergeCalls extends SnapshotCalls {
  /**
   * Returns the best snapshot that two others come from, or are: none that they have in common comes from it. Where there are
   * several, the newest; `undefined` where there is none.
   *
   * Costs a look at the catalog for each of their ancestors that is newer.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS
   */
  async commonAncestor(a: Snapshot | string, b: Snapshot | string): Promise<Snapshot | undefined> {
    const engine = this.use();
    const row = engine.catalog.snapshots.commonAncestor(this.rowOf(a).id, this.rowOf(b).id);
    return row === undefined ? undefined : new Snapshot(row, engine);
  }

  /**
   * Puts together what two snapshots changed since a third one, as a new snapshot whose parents are these two.
   *
   * What one side alone changed is taken from it: each path, and of a path content, mode, owner and extended attributes each
   * for themselves. Texts (UTF-8 without NUL, at most 4 MiB) that both changed are merged line by line. What one side renamed and the other one changed
   * gets both. All else that both changed in different ways is a conflict. Times never are: the later one counts.
   * Swapping the sides gives the same state.
   *
   * Costs what both sides changed, whatever the size of the snapshots, and reading which files have several names. Looking for changes
   * and merging texts goes in turns with the event loop.
   * There is always a new snapshot, also where one side changed nothing.
   *
   * @throws {ConflictError} CONFLICT, with all conflicts (`MergeConflict`); nothing is stored then
   * @throws {CoppiceError} NOT_FOUND where a snapshot is not there, or the two have no common ancestor; AMBIGUOUS, NAME_TAKEN, INVALID_ARGUMENT,
   * CORRUPT, DISK_FULL, STORE_BUSY, ABORTED, IO; nothing is registered then
   * @example
   * const { snapshot, report } = await store.merge({ ours: "main", theirs: "attempt", strategy: "ours" });
   * console.log(snapshot.parents, report.changes.length, report.resolved);
   */
  merge(request: MergeRequest & { readonly plan?: false }): Promise<MergeResult>;
  /** Tells what merging would do; see above. */
  merge(request: MergeRequest & { readonly plan: true }): Promise<MergePlan>;
  /** Does either; see above. */
  merge(request: MergeRequest): Promise<MergeResult | MergePlan>;
  async merge({ base, ours, theirs, ...options }: MergeRequest): Promise<MergeResult | MergePlan> {
    const engine = this.use();
    const rows = {
      base: base === undefined ? undefined : this.rowOf(base),
      ours: this.rowOf(ours),
      theirs: this.rowOf(theirs),
    };
    return this.track(withMerge(({ merge }) => merge(engine, rows, options)));
  }
}
