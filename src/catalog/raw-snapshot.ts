/**
 * Raw snapshot: a snapshot's row as SQLite gives it.
 */
import type { SnapshotFilter, SnapshotRow } from "./snapshot-table.js";

/** By name: where damage has given one another name, SQLite says so. */
export const COLUMNS = `id, digest, state_digest, record, parent, name, labels, source, filter, created_ms, entry_count,
  total_bytes, erased_ms, (SELECT group_concat(parent) FROM (SELECT parent FROM merge_parent WHERE snapshot = id ORDER BY position)) AS merge_parents`;

/** The columns of `COLUMNS`. */
export interface RawSnapshot {
  readonly id: string;
  readonly digest: Buffer;
  readonly state_digest: Buffer;
  readonly record: Buffer;
  readonly parent: string | null;
  readonly name: string | null;
  readonly labels: string;
  readonly source: string;
  readonly filter: string;
  readonly created_ms: number;
  readonly entry_count: number;
  readonly total_bytes: number;
  readonly erased_ms: number | null;
  readonly merge_parents: string | null;
}

/** Returns what a row says. */
export function toSnapshotRow(raw: RawSnapshot): SnapshotRow {
  return {
    id: raw.id,
    digest: raw.digest,
    stateDigest: raw.state_digest,
    record: raw.record,
    parent: raw.parent ?? undefined,
    mergeParents: raw.merge_parents?.split(",") ?? [],
    name: raw.name ?? undefined,
    labels: JSON.parse(raw.labels) as Record<string, string>,
    source: raw.source,
    filter: JSON.parse(raw.filter) as SnapshotFilter,
    createdMs: raw.created_ms,
    entryCount: raw.entry_count,
    totalBytes: raw.total_bytes,
    ...(raw.erased_ms !== null && { erasedMs: raw.erased_ms }),
  };
}
