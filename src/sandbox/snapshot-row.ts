/**
 * Snapshot row: what the ledger says of a sandbox's snapshot.
 */
import type { Database } from "../database/sqlite.js";
import type { Snapshot } from "../index.js";
import type { SortKey } from "../ledger/page.js";
import { noteEvent } from "./sandbox-events.js";
import type { SandboxSettings } from "./settings.js";

export interface SnapshotRecord {
  /** Names it before it has an id. */
  readonly token: string;
  /** `undefined` while it is made. */
  readonly id: string | undefined;
  readonly sandbox: string;
  readonly name: string | undefined;
  readonly sizeBytes: number;
  readonly settings: SandboxSettings;
  readonly createdMs: number;
  readonly change: "make" | "delete" | undefined;
}

interface StoredRecord {
  readonly token: string;
  readonly id: string | null;
  readonly sandbox: string;
  readonly name: string | null;
  readonly size_bytes: number;
  readonly settings: string;
  readonly created_ms: number;
  readonly change: string | null;
}

export function insertRecord(
  database: Database,
  record: SnapshotRecord & { readonly session: string },
): void {
  database
    .prepare(
      `INSERT INTO sandbox_snapshot (token, id, sandbox, name, size_bytes, settings, created_ms, change, session)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      record.token,
      record.id ?? null,
      record.sandbox,
      record.name ?? null,
      record.sizeBytes,
      JSON.stringify(record.settings),
      record.createdMs,
      record.change ?? null,
      record.session,
    );
}

/** Notes that a snapshot is there, and that it was taken. */
export function completeSnapshot(
  database: Database,
  { token, sandbox, name }: Pick<SnapshotRecord, "token" | "sandbox" | "name">,
  { id, totalBytes, createdAt }: Pick<Snapshot, "id" | "totalBytes" | "createdAt">,
): void {
  database
    .prepare(
      `UPDATE sandbox_snapshot SET id = ?, size_bytes = ?, created_ms = ?, change = NULL, session = NULL
       WHERE token = ?`,
    )
    .run(id, totalBytes, createdAt.getTime(), token);
  noteEvent(database, sandbox, "snapshot", {
    snapshot: id,
    ...(name !== undefined && { name }),
    sizeBytes: totalBytes,
  });
}

/** Notes that a snapshot is to be deleted; nobody lists it any more. */
export function abandonRecord(database: Database, token: string): void {
  database
    .prepare("UPDATE sandbox_snapshot SET change = 'delete', session = NULL WHERE token = ?")
    .run(token);
}

export function deleteRecord(database: Database, token: string): void {
  database.prepare("DELETE FROM sandbox_snapshot WHERE token = ?").run(token);
}

/** Returns the snapshot of an id, or the newest one of a name. */
export function findRecord(database: Database, key: string): SnapshotRecord | undefined {
  const found = database
    .prepare(
      `SELECT * FROM sandbox_snapshot WHERE (id = ? OR name = ?) AND change IS NULL
       ORDER BY id = ? DESC, created_ms DESC LIMIT 1`,
    )
    .get(key, key, key);
  return found === undefined ? undefined : recordOf(found as StoredRecord);
}

/** Returns the snapshots that nobody makes any more, or that are still to be deleted. */
export function abandonedRecords(database: Database): SnapshotRecord[] {
  const found = database
    .prepare("SELECT * FROM sandbox_snapshot WHERE change IS NOT NULL AND session IS NULL")
    .all();
  return (found as StoredRecord[]).map(recordOf);
}

/** Returns the snapshots of a sandbox, or of all, oldest first, from behind a key on. */
export function recordsAfter(
  database: Database,
  sandbox: string | undefined,
  after: SortKey | undefined,
  count: number,
): SnapshotRecord[] {
  const [ms, token] = after ?? [-1, ""];
  const isOf = sandbox === undefined ? "" : "sandbox = ? AND";
  const found = database
    .prepare(
      `SELECT * FROM sandbox_snapshot WHERE ${isOf} (created_ms, token) > (?, ?) AND change IS NULL
       ORDER BY created_ms, token LIMIT ?`,
    )
    .all(...(sandbox === undefined ? [] : [sandbox]), ms, token, count);
  return (found as StoredRecord[]).map(recordOf);
}

function recordOf(stored: StoredRecord): SnapshotRecord {
  return {
    token: stored.token,
    id: stored.id ?? undefined,
    sandbox: stored.sandbox,
    name: stored.name ?? undefined,
    sizeBytes: stored.size_bytes,
    settings: JSON.parse(stored.settings) as SandboxSettings,
    createdMs: stored.created_ms,
    change: (stored.change ?? undefined) as SnapshotRecord["change"],
  };
}
