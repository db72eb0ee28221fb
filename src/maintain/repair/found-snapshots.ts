/**
 * Found snapshots: which snapshots the records in some chunks tell of, ready to be registered.
 */
import type { SnapshotRow, SnapshotTable } from "../../catalog/snapshot-table.js";
import { parentsOf } from "../../catalog/snapshot-table.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import { CHUNK_ROW_BYTES, decodePlace } from "../../pack/chunk-table.js";
import { decodeSnapshotRecord } from "../../snapshot/record-codec.js";
import { readRoot } from "../../tree/root.js";
import type { ObjectSource } from "../../tree/tree-reader.js";

/** What becomes of the snapshots whose records were found. */
export interface FoundSnapshots {
  /** To be registered, parents before their children. */
  readonly rows: readonly SnapshotRow[];
  /** Those of them that lose their name to a newer one, with the name. */
  readonly unnamed: readonly SnapshotRow[];
  /** Those of which not even the root can be read. */
  readonly lost: readonly SnapshotRow[];
}

/** Returns what some rows of packs hold of snapshots' records. */
export function recordsIn(objects: ObjectSource, rows: Iterable<Buffer>): SnapshotRow[] {
  const records = new Map<string, SnapshotRow>();
  for (const part of rows) {
    for (let at = 0; at < part.length; at += CHUNK_ROW_BYTES) {
      if (decodePlace(0, part, at + DIGEST_BYTES).kind !== CHUNK_KINDS.record) continue;
      const record = Buffer.from(part.subarray(at, at + DIGEST_BYTES));
      const row = unlessDamaged(() => ({
        ...decodeSnapshotRecord(objects.readObject(record)),
        record,
      }));
      if (row === undefined) continue;
      const other = records.get(row.id);
      if (other === undefined || other.createdMs < row.createdMs) records.set(row.id, row);
    }
  }
  return [...records.values()];
}

/**
 * Sorts out what can be registered: a name goes to the newest that has it, a parent that is not there is replaced by its own.
 *
 * @param known the snapshots that are registered
 */
export function sortOut(
  objects: ObjectSource,
  records: readonly SnapshotRow[],
  known: Pick<SnapshotTable, "has" | "find">,
): FoundSnapshots {
  const found = records.filter(({ id }) => !known.has(id));
  const isThere = new Map(
    found.map((row) => [row.id, unlessDamaged(() => readRoot(objects, row.digest)) !== undefined]),
  );
  const all = new Map(records.map((row) => [row.id, row]));
  const rows = parentsFirst(records).filter(({ id }) => isThere.get(id) === true);
  const newest = new Map<string, string>();
  for (const { id, name } of rows) if (name !== undefined) newest.set(name, id);
  const unnamed: SnapshotRow[] = [];
  const registered = new Set<string>();
  const parentsFor = (row: SnapshotRow, depth: number): string[] =>
    parentsOf(row).flatMap((parent) => {
      if (registered.has(parent) || known.has(parent)) return [parent];
      const gone = all.get(parent);
      return gone === undefined || depth > all.size ? [] : parentsFor(gone, depth + 1);
    });
  const ready = rows.map((row) => {
    const { id, name } = row;
    const keepsName =
      name === undefined || (newest.get(name) === id && known.find(name) === undefined);
    if (!keepsName) unnamed.push(row);
    const [parent, ...mergeParents] = new Set(parentsFor(row, 0));
    registered.add(id);
    return { ...row, parent, mergeParents, name: keepsName ? name : undefined };
  });
  return { rows: ready, unnamed, lost: found.filter(({ id }) => isThere.get(id) !== true) };
}

/** Returns snapshots by their times, but none before its parents: clocks go back. */
function parentsFirst(records: readonly SnapshotRow[]): SnapshotRow[] {
  const byId = new Map(records.map((row) => [row.id, row]));
  const entered = new Set<SnapshotRow>();
  const ordered: SnapshotRow[] = [];
  for (const row of records.toSorted((a, b) => a.createdMs - b.createdMs)) {
    const way = entered.has(row) ? [] : [row];
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      entered.add(last);
      const parents = parentsOf(last).flatMap((id) => byId.get(id) ?? []);
      const before = parents.find((parent) => !entered.has(parent));
      if (before !== undefined) way.push(before);
      else ordered.push(way.pop() as SnapshotRow);
    }
  }
  return ordered;
}

function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CoppiceError && error.code === "CORRUPT") return undefined;
    throw error;
  }
}
