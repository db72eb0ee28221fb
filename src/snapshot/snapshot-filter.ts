/**
 * Snapshot filter: which snapshots a list is about.
 */
import picomatch from "picomatch";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import { parentsOf } from "../catalog/snapshot-table.js";
import { formatDigest } from "../model/digest.js";

/** All that is given must hold. */
export interface SnapshotQuery {
  /** A glob for the name. */
  readonly name?: string;
  /** Labels that it must have, with these values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The directory that was captured, absolute. */
  readonly source?: string;
  /** Id of a parent. */
  readonly parent?: string;
  /** The digest, or the state digest. */
  readonly digest?: string;
  /** At most so many, the newest. */
  readonly limit?: number;
}

/** Returns whether a snapshot is what a query is about; `limit` aside. */
export function snapshotMatcher(query: SnapshotQuery): (row: SnapshotRow) => boolean {
  const matchesName = query.name === undefined ? undefined : picomatch(query.name);
  const labels = Object.entries(query.labels ?? {});
  return (row) =>
    (matchesName === undefined || (row.name !== undefined && matchesName(row.name))) &&
    labels.every(([key, value]) => row.labels[key] === value) &&
    (query.source === undefined || row.source === query.source) &&
    (query.parent === undefined || parentsOf(row).includes(query.parent)) &&
    (query.digest === undefined ||
      query.digest === formatDigest(row.digest) ||
      query.digest === formatDigest(row.stateDigest));
}
