/**
 * Sandbox row: what the ledger says of a sandbox.
 *
 *     create ─> running <─> paused ─> deleted
 *
 * Invariants:
 * (B1) A row whose `change` is `create` has no sandbox yet; one whose `change` is `delete` has none any more. Neither is found.
 * (B2) `state` says what the processes are to be in. It is `paused` from before the first of them is stopped until after
 *      the last one runs again: no command begins meanwhile.
 */
import type { Database } from "../database/sqlite.js";
import type { FreezerReport } from "./processes/freezer.js";
import type { Isolation } from "./run/isolation.js";
import type { SandboxConfig } from "./sandbox-config.js";

/** What a sandbox is in. */
export type SandboxState = "running" | "paused" | "deleted";

/** What is done to a sandbox in several steps. */
export type SandboxChange = "create" | "pause" | "resume" | "delete";

export interface SandboxRow {
  readonly id: string;
  readonly name: string | undefined;
  /** The workspace's id; `undefined` until it is forked. */
  readonly workspace: string | undefined;
  /** Id of the snapshot that it began as. */
  readonly base: string | undefined;
  readonly restoredFrom: string | undefined;
  readonly state: SandboxState;
  readonly config: SandboxConfig;
  readonly isolation: Isolation;
  readonly freezer: FreezerReport;
  /** The boot of the machine in which it was paused. */
  readonly boot: string | undefined;
  readonly change: SandboxChange | undefined;
  readonly session: string | undefined;
  readonly createdMs: number;
}

interface StoredRow {
  readonly id: string;
  readonly name: string | null;
  readonly workspace: string | null;
  readonly base: string | null;
  readonly restored_from: string | null;
  readonly state: string;
  readonly config: string;
  readonly isolation: string;
  readonly freezer: string;
  readonly boot: string | null;
  readonly change: string | null;
  readonly session: string | null;
  readonly created_ms: number;
}

/** Returns the sandbox of an id, or the one of a name that lives or is being made; whatever is being done to it. */
export function findRow(database: Database, key: string): SandboxRow | undefined {
  const found =
    database.prepare("SELECT * FROM sandbox WHERE id = ?").get(key) ??
    database.prepare("SELECT * FROM sandbox WHERE name = ? AND state <> 'deleted'").get(key);
  return found === undefined ? undefined : rowOf(found as StoredRow);
}

/** Returns the rows to which something is being done that nobody does any more. */
export function abandonedRows(database: Database): SandboxRow[] {
  const found = database
    .prepare("SELECT * FROM sandbox WHERE change IS NOT NULL AND session IS NULL")
    .all();
  return (found as StoredRow[]).map(rowOf);
}

/** Returns the sandboxes that live, oldest first, from behind a key on. */
export function livingRows(
  database: Database,
  after: readonly (string | number)[] | undefined,
  count: number,
): SandboxRow[] {
  const [ms, id] = after ?? [-1, ""];
  const found = database
    .prepare(
      `SELECT * FROM sandbox WHERE (created_ms, id) > (?, ?) AND state <> 'deleted'
       AND (change IS NULL OR change IN ('pause', 'resume')) ORDER BY created_ms, id LIMIT ?`,
    )
    .all(ms, id, count);
  return (found as StoredRow[]).map(rowOf);
}

export function insertRow(database: Database, row: SandboxRow): void {
  database
    .prepare(
      `INSERT INTO sandbox (id, name, workspace, base, restored_from, state, config, isolation, freezer, boot, change, session, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      row.id,
      row.name ?? null,
      row.workspace ?? null,
      row.base ?? null,
      row.restoredFrom ?? null,
      row.state,
      JSON.stringify(row.config),
      JSON.stringify(row.isolation),
      JSON.stringify(row.freezer),
      row.boot ?? null,
      row.change ?? null,
      row.session ?? null,
      row.createdMs,
    );
}

/** What of a row changes; `null` empties a member. */
export interface RowChange {
  readonly workspace?: string;
  readonly base?: string;
  readonly restored_from?: string;
  readonly state?: SandboxState;
  readonly config?: SandboxConfig;
  readonly isolation?: Isolation;
  readonly boot?: string | null;
  readonly change?: SandboxChange | null;
  readonly session?: string | null;
}

export function updateRow(database: Database, id: string, change: RowChange): void {
  const members = Object.entries(change).filter(([, value]) => value !== undefined);
  const set = members.map(([name]) => `${name} = ?`).join(", ");
  const values = members.map(([, value]) =>
    typeof value === "object" && value !== null ? JSON.stringify(value) : value,
  );
  database.prepare(`UPDATE sandbox SET ${set} WHERE id = ?`).run(...values, id);
}

export function deleteRow(database: Database, id: string): void {
  for (const statement of [
    "DELETE FROM sandbox_process WHERE sandbox = ?",
    "DELETE FROM sandbox_event WHERE sandbox = ?",
    "DELETE FROM sandbox WHERE id = ?",
  ])
    database.prepare(statement).run(id);
}

function rowOf(stored: StoredRow): SandboxRow {
  return {
    id: stored.id,
    name: stored.name ?? undefined,
    workspace: stored.workspace ?? undefined,
    base: stored.base ?? undefined,
    restoredFrom: stored.restored_from ?? undefined,
    state: stored.state as SandboxState,
    config: JSON.parse(stored.config) as SandboxConfig,
    isolation: JSON.parse(stored.isolation) as Isolation,
    freezer: JSON.parse(stored.freezer) as FreezerReport,
    boot: stored.boot ?? undefined,
    change: (stored.change ?? undefined) as SandboxChange | undefined,
    session: stored.session ?? undefined,
    createdMs: stored.created_ms,
  };
}
