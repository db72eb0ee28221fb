/**
 * Profiles: prepared images under names, each made by a setup in a workspace, and made anew when asked or when due. Thin: it forwards
 * to functions.
 */
import type { Snapshot } from "../index.js";
import type { Page, PageQuery } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import { CoppiceError } from "../model/error.js";
import { machineClock } from "./clock.js";
import { define } from "./define.js";
import type { JobOutput } from "./job-output.js";
import { readOutput } from "./job-output.js";
import type { JobRow, ProfileJob } from "./job-row.js";
import { findJob, jobOf, lastJob, requireJob } from "./job-row.js";
import type { WorkOptions } from "./job-runner.js";
import { JobRunner } from "./job-runner.js";
import type { SetupUse } from "./prepare.js";
import type { ProfileDraft } from "./profile-draft.js";
import type { Profile, ProfileRow, ProfileVersion, VersionRow } from "./profile-row.js";
import { findVersion, profileOf, requireProfile, versionOf } from "./profile-row.js";
import { askForJob, publish, removeProfile } from "./publish.js";
import { neverPublished, readySnapshot, whyNotReady } from "./ready-snapshot.js";
import { beginWork, settleDead } from "./settle.js";
import type { ProfileParts, ProfileStore } from "./store-calls.js";
import type { ProfileTest, TestOptions } from "./test-draft.js";
import { testDraft } from "./test-draft.js";

/** Whether and how a job is run by the process that asks for it. */
export interface RunOptions extends SetupUse {
  /** Whether this process runs it, in the background; otherwise whoever `work`s does. @default true */
  readonly run?: boolean;
}

/** A job that a refresh asked for. */
export interface RefreshJob extends ProfileJob {
  /** Whether it was queued by this call; otherwise it was under way already. */
  readonly isNew: boolean;
}

/** How long is waited for a profile. */
export interface WaitOptions {
  /** Milliseconds. @default for ever */
  readonly timeout?: number | undefined;
  /** Ends the wait; jobs go on. */
  readonly signal?: AbortSignal | undefined;
}

/** How often is looked whether a job of another process has ended. */
const LOOK_MS = 200;

/** The prepared images of a store. */
export class Profiles {
  readonly #parts: ProfileParts;
  readonly #runner: JobRunner;

  /** @internal */
  constructor(store: ProfileStore, clock = machineClock) {
    this.#parts = { store, clock };
    this.#runner = new JobRunner(this.#parts);
  }

  /**
   * Puts a draft under a name, for the first time or in place of the one before. What was published stays as it is.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS where its base is not there; INVALID_ARGUMENT where it would begin with itself; STORE_CLOSED, STORE_BUSY, IO
   * @throws {TypeError} where it is none
   * @throws {RangeError} where a number is out of its range
   * @example
   * await store.profiles.define("web", { base: "project", setup: ["npm ci", "npm run build"], refreshEvery: "0 4 * * *" });
   */
  async define(name: string, draft: ProfileDraft): Promise<Profile> {
    return define(this.#parts, name, draft);
  }

  /**
   * Returns a profile.
   *
   * @throws {CoppiceError} NOT_FOUND, STORE_CLOSED, CORRUPT, IO
   */
  async get(name: string): Promise<Profile> {
    return this.#read((database) => profileOf(database, requireProfile(database, name)));
  }

  /** Returns profiles by name, a page at a time. */
  async list(query: PageQuery = {}): Promise<Page<Profile>> {
    return this.#read((database) =>
      pageOf(
        "profiles",
        query,
        ({ name }) => [name],
        (after, count) => {
          const rows = database
            .prepare("SELECT * FROM profile WHERE name > ? ORDER BY name LIMIT ?")
            .all(after?.[0] ?? "", count) as ProfileRow[];
          return rows.map((row) => profileOf(database, row));
        },
      ),
    );
  }

  /**
   * Returns the published versions of a profile, newest first, a page at a time.
   *
   * @throws {CoppiceError} NOT_FOUND
   */
  async versions(name: string, query: PageQuery = {}): Promise<Page<ProfileVersion>> {
    return this.#read((database) => {
      requireProfile(database, name);
      return pageOf(
        `versions of ${name}`,
        query,
        ({ version }) => [version],
        (after, count) => {
          const rows = database
            .prepare(
              "SELECT * FROM profile_version WHERE profile = ? AND version < ? ORDER BY version DESC LIMIT ?",
            )
            .all(name, after?.[0] ?? Number.MAX_SAFE_INTEGER, count) as VersionRow[];
          return rows.map(versionOf);
        },
      );
    });
  }

  /**
   * Publishes a profile's draft as its next version, and queues a job that makes its snapshot. Until that is ready, the version before serves.
   * A base that is a snapshot is the version's own from then on: it may be removed.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, STORE_CLOSED, STORE_BUSY, DISK_FULL, IO
   * @example
   * await store.profiles.publish("web");
   * const snapshot = await store.profiles.waitUntilReady("web");
   */
  async publish(name: string, { run = true, ...use }: RunOptions = {}): Promise<ProfileJob> {
    const job = await publish(this.#parts, name);
    if (run) this.#runner.start(job.id, use);
    return this.job(job.id);
  }

  /**
   * Makes the snapshot of the published version anew. The one that is ready serves until another one is, and on where that fails. Where a job is under way, it is returned instead (`isNew`).
   *
   * @throws {CoppiceError} NOT_FOUND; NOT_READY where none was published; STORE_CLOSED, STORE_BUSY, DISK_FULL, IO
   */
  async refresh(name: string, { run = true, ...use }: RunOptions = {}): Promise<RefreshJob> {
    await beginWork(this.#parts);
    await settleDead(this.#parts);
    const { job, isNew } = askForJob(this.#parts, name, "refresh")!;
    if (run) this.#runner.start(job.id, use);
    return { ...(await this.job(job.id)), isNew };
  }

  /**
   * Returns a job; the newest 50 of each profile are kept.
   *
   * @throws {CoppiceError} NOT_FOUND
   */
  async job(id: string): Promise<ProfileJob> {
    return this.#read((database) => jobOf(requireJob(database, id)));
  }

  /**
   * Returns the jobs of a profile, newest first, a page at a time.
   *
   * @throws {CoppiceError} NOT_FOUND
   */
  async jobs(name: string, query: PageQuery = {}): Promise<Page<ProfileJob>> {
    return this.#read((database) => {
      requireProfile(database, name);
      const sequenceOf = ({ id }: ProfileJob): number => findJob(database, id)!.sequence;
      return pageOf(
        `jobs of ${name}`,
        query,
        (job) => [sequenceOf(job)],
        (after, count) => {
          const rows = database
            .prepare(
              "SELECT * FROM profile_job WHERE profile = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
            )
            .all(name, after?.[0] ?? Number.MAX_SAFE_INTEGER, count) as JobRow[];
          return rows.map(jobOf);
        },
      );
    });
  }

  /**
   * Returns what the setup of a job wrote, also while it runs, whichever process runs it.
   *
   * @param job its id
   * @throws {CoppiceError} NOT_FOUND
   */
  async output(job: string): Promise<JobOutput> {
    const { ledger } = this.#parts.store;
    return this.#read((database) => readOutput(ledger, requireJob(database, job)));
  }

  /**
   * Returns the snapshot that a profile is used as: of the newest version that has one. It is pinned until another one takes its place; a workspace of it
   * keeps it longer.
   *
   * @throws {CoppiceError} NOT_FOUND where there is no profile; NOT_READY where there is no snapshot yet, with the reason; SETUP_FAILED where there
   * was never one, with the last lines that the setup wrote
   */
  async readySnapshot(name: string): Promise<Snapshot> {
    return readySnapshot(this.#parts, name);
  }

  /**
   * Waits until the published version has a snapshot, and returns it. Runs nothing: a job that nobody runs is waited for in vain.
   *
   * @throws {CoppiceError} NOT_FOUND; NOT_READY where none was published; SETUP_FAILED where its job failed and it has none; TIMEOUT, ABORTED
   */
  async waitUntilReady(name: string, options: WaitOptions = {}): Promise<Snapshot> {
    const found = await this.#poll(`profile ${name}`, options, () => {
      const { snapshot, job } = this.#stateOfPublished(name);
      if (job?.state === "failed") throw whyNotReady(this.#parts, name, job);
      return snapshot;
    });
    return this.#parts.store.get(found);
  }

  /**
   * Waits until a job is ready or has failed, whichever process runs it, and returns it. Where this process runs it, what it does not need any more is
   * removed then.
   *
   * @param job its id
   * @throws {CoppiceError} NOT_FOUND, TIMEOUT, ABORTED
   */
  async waitForJob(job: string, options: WaitOptions = {}): Promise<ProfileJob> {
    const found = await this.#poll(`job ${job}`, options, () => {
      const row = this.#read((database) => requireJob(database, job));
      return row.state === "ready" || row.state === "failed" ? row : undefined;
    });
    await this.#runner.ended(job);
    return jobOf(found);
  }

  /**
   * Runs the setup of a draft, and keeps nothing of it: neither snapshot nor workspace nor job.
   *
   * @param draft a draft, or the name of a profile whose draft it is
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, NOT_READY, INVALID_ARGUMENT where a secret is missing; ABORTED, DISK_FULL, IO
   * @example
   * const { ok, output } = await store.profiles.test({ base: "project", setup: "npm ci" });
   */
  async test(draft: ProfileDraft | string, options: TestOptions = {}): Promise<ProfileTest> {
    return testDraft(this.#parts, draft, options);
  }

  /**
   * Runs queued jobs, whoever queued them, one after the other, until told to end. Jobs whose process died are put back and run again, from
   * the beginning in a new workspace; the third time that happens they have failed.
   *
   * @throws {CoppiceError} STORE_CLOSED, STORE_BUSY, DISK_FULL, CORRUPT, IO
   */
  async work(options: WorkOptions = {}): Promise<void> {
    await this.#runner.work(options);
  }

  /**
   * Refreshes profiles when they are due (`refreshEvery`), until told to end. Several processes may do so: each refresh is one job. What was due while
   * nobody did is made up for once.
   *
   * @throws {CoppiceError} STORE_CLOSED, STORE_BUSY, DISK_FULL, CORRUPT, IO
   */
  async schedule(options: WorkOptions = {}): Promise<void> {
    await this.#runner.schedule(options);
  }

  /**
   * Removes a profile with its versions, snapshots and jobs. The space is free after the next collection.
   *
   * @throws {CoppiceError} NOT_FOUND; IN_USE where a job is running or another profile begins with it; STORE_BUSY, DISK_FULL, IO
   */
  async remove(name: string): Promise<void> {
    await removeProfile(this.#parts, name);
  }

  /**
   * Ends what runs here; it is put back.
   *
   * @internal
   */
  async close(): Promise<void> {
    await this.#runner.close();
  }

  #read<T>(body: (database: ProfileStore["ledger"]["database"]) => T): T {
    const { database, transaction } = this.#parts.store.ledger;
    return transaction.readTogether(() => body(database));
  }

  async #poll<T>(
    what: string,
    { timeout, signal }: WaitOptions,
    look: () => T | undefined,
  ): Promise<T> {
    const { clock } = this.#parts;
    const endMs = clock.now() + (timeout ?? Number.POSITIVE_INFINITY);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (signal?.aborted === true)
        throw new CoppiceError("ABORTED", `Cannot wait for ${what}: it was aborted`);
      if (clock.now() >= endMs)
        throw new CoppiceError(
          "TIMEOUT",
          `Cannot wait for ${what}: it has not ended after ${timeout} ms, look at the profile's jobs`,
        );
      await clock.until(Math.min(clock.now() + LOOK_MS, endMs), signal);
    }
  }

  #stateOfPublished(name: string): { snapshot?: string; job?: JobRow | undefined } {
    return this.#read((database) => {
      const { published } = requireProfile(database, name);
      if (published === null) throw neverPublished(name);
      const snapshot = findVersion(database, name, published)?.snapshot;
      if (typeof snapshot === "string") return { snapshot };
      return { job: lastJob(database, name, published) };
    });
  }
}
