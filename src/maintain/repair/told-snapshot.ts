/**
 * Told snapshot: what a repair tells of a snapshot.
 */
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import type { RepairedSnapshot } from "./repair-report.js";

/** Returns what is told of a row. */
export function told({ id, name, source, createdMs }: SnapshotRow): RepairedSnapshot {
  return { id, ...(name === undefined ? {} : { name }), source, createdAt: new Date(createdMs) };
}
