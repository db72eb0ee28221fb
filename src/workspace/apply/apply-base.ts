/**
 * Apply base: the state that a workspace and a target have in common, from which both sides' changes are told.
 */
import type { SnapshotFilter, SnapshotRow } from "../../catalog/snapshot-table.js";
import { CoppiceError } from "../../model/error.js";
import type { Engine } from "../../snapshot/engine.js";

/** A workspace as captured. */
export interface CapturedWorkspace {
  /** The directory that programs work in. */
  readonly path: string;
  /** What its snapshots do not have (model/omitted-paths). */
  readonly omit: readonly string[];
  /** The snapshot that it was forked from or restored to last. */
  readonly base: SnapshotRow;
  /** What it was captured as. */
  readonly head: SnapshotRow;
}

/** Where a target's own changes are told from. */
export interface ApplyBase {
  readonly row: SnapshotRow;
  /** What its capture left out: that is the target's own. */
  readonly filter: SnapshotFilter;
}

/**
 * Returns the state from which a workspace's changes are applied to a target: the newest one that the workspace
 * comes from and that was captured from the target; else the newest that is not the workspace's own.
 *
 * Costs a row of the catalog for each snapshot on the way back.
 *
 * @param target its path with symbolic links resolved
 * @param since id of a snapshot that is taken instead
 * @throws {CoppiceError} NOT_FOUND where that was removed
 */
export function applyBase(
  { catalog }: Pick<Engine, "catalog">,
  { path, base, head }: CapturedWorkspace,
  target: string,
  since: string | undefined,
): ApplyBase {
  const line: SnapshotRow[] = [];
  for (let row: SnapshotRow | undefined = head; row !== undefined; ) {
    line.push(row);
    row = row.parent === undefined ? undefined : catalog.snapshots.find(row.parent);
  }
  const given = since === undefined ? undefined : catalog.snapshots.find(since);
  if (since !== undefined && given === undefined) {
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot find snapshot ${since}: it was removed, give another one to apply the changes since`,
    );
  }
  const row =
    given ??
    line.find(({ source }) => source === target) ??
    line.find(({ source }) => source !== path) ??
    base;
  const filtered = [row, ...line].find(
    ({ filter }) => filter.gitignore || filter.exclude.length > 0,
  );
  return { row, filter: (filtered ?? row).filter };
}
