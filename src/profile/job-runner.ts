/**
 * Job runner: the jobs that run in this process, by whatever call they were begun, and their end when the store is closed.
 */
import type { JobRow } from "./job-row.js";
import { claimJob, lastJob } from "./job-row.js";
import { nextRefresh } from "./next-refresh.js";
import type { SetupUse } from "./prepare.js";
import type { StoredDraft } from "./profile-draft.js";
import type { VersionRow } from "./profile-row.js";
import { findVersion } from "./profile-row.js";
import { askForJob } from "./publish.js";
import { runJob } from "./run-job.js";
import { beginWork, settleDead } from "./settle.js";
import type { ProfileParts } from "./store-calls.js";

/** How a process works on jobs until it is told to end. */
export interface WorkOptions extends SetupUse {
  /** Ends it: what it was running is put back. */
  readonly signal?: AbortSignal | undefined;
}

/** How often is looked for jobs that somebody else queued. */
const LOOK_MS = 1_000;
/** How often is looked for schedules that somebody else changed. */
const LOOK_SCHEDULES_MS = 60_000;

export class JobRunner {
  readonly #parts: ProfileParts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(parts: ProfileParts) {
    this.#parts = parts;
  }

  /** Begins a queued job in the background, unless somebody else has it. */
  start(id: string, use: WorkOptions): void {
    const { store, clock } = this.#parts;
    const { database, transaction, sessions } = store.ledger;
    const row = transaction.run(() => claimJob(database, id, sessions.id, clock.now()));
    if (row === undefined) return;
    const { signal: given, ...rest } = use;
    const signals = [this.#closing.signal, ...(given === undefined ? [] : [given])];
    const running = runJob(this.#parts, row, { ...rest, signal: AbortSignal.any(signals) })
      // Its row tells how it ended; where not even that could be written, the end of the session does.
      .catch(() => undefined)
      .finally(() => this.#running.delete(id));
    this.#running.set(id, running);
  }

  /** Returns when a job that runs here has ended. */
  async ended(id: string): Promise<void> {
    await this.#running.get(id);
  }

  /** Runs queued jobs one after the other, whoever queued them, until told to end; see `Profiles.work`. */
  async work(options: WorkOptions): Promise<void> {
    const { store, clock } = this.#parts;
    const signal = this.#endOf(options.signal);
    await beginWork(this.#parts);
    while (!signal.aborted) {
      await settleDead(this.#parts);
      const { database, transaction } = store.ledger;
      const next = transaction.read(() =>
        database
          .prepare("SELECT id FROM profile_job WHERE state = 'queued' ORDER BY sequence LIMIT 1")
          .get(),
      ) as { readonly id: string } | undefined;
      if (next === undefined) await clock.until(clock.now() + LOOK_MS, signal);
      else {
        this.start(next.id, options);
        await this.ended(next.id);
      }
    }
  }

  /** Queues refreshes when they are due, and runs them, until told to end; see `Profiles.schedule`. */
  async schedule(options: WorkOptions): Promise<void> {
    const { clock } = this.#parts;
    const signal = this.#endOf(options.signal);
    await beginWork(this.#parts);
    while (!signal.aborted) {
      await settleDead(this.#parts);
      let nextMs = clock.now() + LOOK_SCHEDULES_MS;
      for (const name of this.#published()) {
        const dueMs = this.#dueMs(name);
        if (dueMs === undefined) continue;
        if (dueMs > clock.now()) {
          nextMs = Math.min(nextMs, dueMs);
          continue;
        }
        // Of several processes that see it due at once one queues it: for the others it is due no more.
        const asked = askForJob(this.#parts, name, "schedule", () => this.#dueMs(name) === dueMs);
        if (asked !== undefined) this.start(asked.job.id, options);
      }
      await clock.until(nextMs, signal);
    }
    await Promise.allSettled(this.#running.values());
  }

  /** Ends what runs, which is put back, and returns when it has. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running.values());
  }

  #endOf(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined
      ? this.#closing.signal
      : AbortSignal.any([this.#closing.signal, signal]);
  }

  #published(): string[] {
    const { database, transaction } = this.#parts.store.ledger;
    const rows = transaction.read(() =>
      database.prepare("SELECT name FROM profile WHERE published IS NOT NULL ORDER BY name").all(),
    ) as { readonly name: string }[];
    return rows.map(({ name }) => name);
  }

  /** When the next refresh of a profile is due; `undefined` where none is, or one is under way. */
  #dueMs(name: string): number | undefined {
    const { database, transaction } = this.#parts.store.ledger;
    return transaction.read(() => {
      const version = this.#publishedVersion(name);
      if (version === undefined) return undefined;
      const { refreshEvery } = JSON.parse(version.draft) as StoredDraft;
      if (refreshEvery === undefined) return undefined;
      const last: JobRow | undefined = lastJob(database, name, version.version);
      const isUnderWay = last?.state === "queued" || last?.state === "running";
      if (isUnderWay) return undefined;
      return nextRefresh(refreshEvery, last?.queued_ms ?? version.published_ms);
    });
  }

  #publishedVersion(name: string): VersionRow | undefined {
    const { database } = this.#parts.store.ledger;
    const row = database.prepare("SELECT published FROM profile WHERE name = ?").get(name) as
      | { readonly published: number | null }
      | undefined;
    return row?.published == null ? undefined : findVersion(database, name, row.published);
  }
}
