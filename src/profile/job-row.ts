/**
 * Job row: jobs of profiles as the ledger has them, and their states.
 *
 *     queued ─> running ─> ready
 *       ↑          │└────> failed
 *       └──────────┘ put back: its store was closed, or its process died
 *
 * Invariants:
 * (J1) Of a version at most one job is queued or running: the ledger's index `profile_job_one` has room for one.
 * (J2) A running job is its session's; whoever finds that session dead cleans up after it before it is put back, and after
 *      three attempts that ended like that it has failed.
 * (J3) A profile's ready snapshot is replaced in the transaction in which a job becomes ready, and only there.
 */
import type { Database } from "../database/sqlite.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";

/** How far a job is. */
export type JobState = "queued" | "running" | "ready" | "failed";

/** Why there is a job. */
export type JobReason = "publish" | "refresh" | "schedule";

/** What makes a snapshot of a published version. */
export interface ProfileJob {
  /** Names it. */
  readonly id: string;
  /** The profile's name. */
  readonly profile: string;
  /** The published version. */
  readonly version: number;
  /** Why it was queued. */
  readonly reason: JobReason;
  /** How far it is. */
  readonly state: JobState;
  /** How often it was begun. */
  readonly attempts: number;
  /** When it was queued. */
  readonly queuedAt: Date;
  /** When it was begun last. */
  readonly startedAt?: Date;
  /** When it became ready or failed. */
  readonly endedAt?: Date;
  /** What its setup ended with, where it did. */
  readonly exitCode?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The id of the snapshot that it made. */
  readonly snapshot?: string;
}

/** A row of `profile_job`. */
export interface JobRow {
  readonly sequence: number;
  readonly id: string;
  readonly profile: string | null;
  readonly version: number | null;
  readonly reason: JobReason;
  readonly state: JobState;
  readonly session: string | null;
  readonly attempts: number;
  readonly queued_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly exit_code: number | null;
  readonly error: string | null;
  readonly snapshot: string | null;
  readonly cut_bytes: number;
}

/** How many jobs of a profile are kept with their output; older ones go when another one is queued. */
const JOBS_KEPT = 50;

/** @throws {CoppiceError} NOT_FOUND */
export function requireJob(database: Database, id: string): JobRow {
  const row = findJob(database, id);
  if (row?.profile) return row;
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot find job ${id}: there is none of that id, list the profile's jobs`,
  );
}

export function findJob(database: Database, id: string): JobRow | undefined {
  return database.prepare("SELECT * FROM profile_job WHERE id = ?").get(id) as JobRow | undefined;
}

/** Returns the job of a version that is queued or running (J1). */
export function openJob(database: Database, profile: string, version: number): JobRow | undefined {
  return database
    .prepare(
      `SELECT * FROM profile_job INDEXED BY profile_job_one
       WHERE profile = ? AND version = ? AND state IN ('queued', 'running') AND profile IS NOT NULL`,
    )
    .get(profile, version) as JobRow | undefined;
}

/** Returns the job of a version that was queued last. */
export function lastJob(database: Database, profile: string, version: number): JobRow | undefined {
  return database
    .prepare(
      "SELECT * FROM profile_job WHERE profile = ? AND version = ? ORDER BY sequence DESC LIMIT 1",
    )
    .get(profile, version) as JobRow | undefined;
}

/** Queues a job, within a write transaction in which there is no other one (J1); forgets the oldest. */
export function queueJob(
  database: Database,
  profile: string,
  version: number,
  reason: JobReason,
  nowMs: number,
): JobRow {
  const id = newId();
  database
    .prepare(
      "INSERT INTO profile_job (id, profile, version, reason, state, queued_ms) VALUES (?, ?, ?, ?, 'queued', ?)",
    )
    .run(id, profile, version, reason, nowMs);
  const oldest = database
    .prepare(
      "SELECT sequence FROM profile_job WHERE profile = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?",
    )
    .get(profile, JOBS_KEPT - 1) as { readonly sequence: number } | undefined;
  if (oldest !== undefined) forgetJobs(database, profile, oldest.sequence);
  return findJob(database, id) as JobRow;
}

/** Forgets jobs of a profile that have ended, with their output, within a write transaction. */
function forgetJobs(database: Database, profile: string, beforeSequence: number): void {
  const ended = "profile = ? AND sequence < ? AND state IN ('ready', 'failed')";
  database
    .prepare(
      `DELETE FROM profile_output WHERE job IN (SELECT sequence FROM profile_job WHERE ${ended})`,
    )
    .run(profile, beforeSequence);
  database.prepare(`DELETE FROM profile_job WHERE ${ended}`).run(profile, beforeSequence);
}

/** Takes a queued job, within a write transaction; returns `undefined` where somebody else has. */
export function claimJob(
  database: Database,
  id: string,
  session: string,
  nowMs: number,
): JobRow | undefined {
  const { changes } = database
    .prepare(
      `UPDATE profile_job SET state = 'running', session = ?, attempts = attempts + 1, started_ms = ?
       WHERE id = ? AND state = 'queued'`,
    )
    .run(session, nowMs, id);
  if (changes === 0) return undefined;
  const row = findJob(database, id) as JobRow;
  database.prepare("DELETE FROM profile_output WHERE job = ?").run(row.sequence);
  database.prepare("UPDATE profile_job SET cut_bytes = 0 WHERE id = ?").run(id);
  return row;
}

/** Notes how a job ended, within a write transaction. */
export function endJob(
  database: Database,
  id: string,
  end: {
    readonly state: "ready" | "failed";
    readonly nowMs: number;
    readonly exitCode?: number | undefined;
    readonly error?: string | undefined;
    readonly snapshot?: string | undefined;
  },
): void {
  database
    .prepare(
      `UPDATE profile_job SET state = ?, session = NULL, ended_ms = ?, exit_code = ?, error = ?, snapshot = ?
       WHERE id = ?`,
    )
    .run(end.state, end.nowMs, end.exitCode ?? null, end.error ?? null, end.snapshot ?? null, id);
}

/** What is running and nobody's is to be run again. */
export function stateOf({ state, session }: Pick<JobRow, "state" | "session">): JobState {
  return state === "running" && session === null ? "queued" : state;
}

/** Returns a job as it is told. */
export function jobOf(row: JobRow): ProfileJob {
  return {
    id: row.id,
    profile: row.profile as string,
    version: row.version as number,
    reason: row.reason,
    state: stateOf(row),
    attempts: row.attempts,
    queuedAt: new Date(row.queued_ms),
    ...(row.started_ms !== null && { startedAt: new Date(row.started_ms) }),
    ...(row.ended_ms !== null && { endedAt: new Date(row.ended_ms) }),
    ...(row.exit_code !== null && { exitCode: row.exit_code }),
    ...(row.error !== null && { error: row.error }),
    ...(row.snapshot !== null && { snapshot: row.snapshot }),
  };
}
