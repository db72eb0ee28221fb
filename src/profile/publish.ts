/**
 * Publish: a draft becomes a version that never changes, with a job that makes its snapshot; and what asks for another job of it.
 */
import { CoppiceError } from "../model/error.js";
import type { JobReason, JobRow } from "./job-row.js";
import { openJob, queueJob } from "./job-row.js";
import type { StoredDraft } from "./profile-draft.js";
import type { ProfileRow } from "./profile-row.js";
import { requireProfile } from "./profile-row.js";
import { neverPublished } from "./ready-snapshot.js";
import { noteRelease, releaseSnapshots } from "./release.js";
import { beginUnnamed, beginWork, cleanUp } from "./settle.js";
import type { ProfileParts } from "./store-calls.js";
import { LABELS, PIN_NOTE } from "./store-calls.js";

/** Publishes a profile's draft, and queues the first job of it; see `Profiles.publish`. */
export async function publish(parts: ProfileParts, name: string): Promise<JobRow> {
  await beginWork(parts);
  const { store, clock } = parts;
  const { database, transaction } = store.ledger;
  const draft = transaction.read(() => requireProfile(database, name)).draft;
  const { base } = JSON.parse(draft) as StoredDraft;
  // Whoever dies before the version is there leaves a snapshot, which is found by this.
  const unnamed = beginUnnamed(parts, "publish");
  let own: string | null = null;
  try {
    if (typeof base === "string") own = await ownBase(parts, base, unnamed);
    return transaction.run(() => {
      const row = requireProfile(database, name);
      const version = row.next_version;
      const nowMs = clock.now();
      database
        .prepare(
          "INSERT INTO profile_version (profile, version, draft, base, published_ms) VALUES (?, ?, ?, ?, ?)",
        )
        .run(name, version, draft, own, nowMs);
      database
        .prepare(
          "UPDATE profile SET published = ?, next_version = ?, changed_ms = ? WHERE name = ?",
        )
        .run(version, version + 1, nowMs, name);
      supersede(parts, row, version);
      database.prepare("DELETE FROM profile_job WHERE id = ?").run(unnamed);
      return queueJob(database, name, version, "publish", nowMs);
    });
  } catch (error) {
    await cleanUp(store, unnamed);
    transaction.run(() => database.prepare("DELETE FROM profile_job WHERE id = ?").run(unnamed));
    throw error;
  }
}

/** A snapshot of the version's own: nobody's removing or unpinning takes it away. Costs one record. */
async function ownBase({ store }: ProfileParts, base: string, unnamed: string): Promise<string> {
  const overlay = store.overlay(base);
  try {
    const { snapshot } = await overlay.snapshot({ labels: { [LABELS.job]: unnamed } });
    await store.pin(snapshot, { note: PIN_NOTE });
    return snapshot.id;
  } finally {
    await overlay.discard();
  }
}

/** What is still queued of the version before is not worth its while any more. */
function supersede({ store, clock }: ProfileParts, row: ProfileRow, version: number): void {
  if (row.published === null) return;
  store.ledger.database
    .prepare(
      `UPDATE profile_job SET state = 'failed', ended_ms = ?, error = ?
       WHERE profile = ? AND version = ? AND state = 'queued'`,
    )
    .run(clock.now(), `version ${version} was published before it began`, row.name, row.published);
}

/** A job that was asked for, and whether it is a new one. */
export interface AskedJob {
  readonly job: JobRow;
  readonly isNew: boolean;
}

/**
 * Queues another job of the published version, unless there is one under way (J1).
 *
 * @param isDue asked within the transaction: whether it is still wanted
 * @returns `undefined` where it is not
 */
export function askForJob(
  { store, clock }: ProfileParts,
  name: string,
  reason: JobReason,
  isDue: (row: ProfileRow) => boolean = () => true,
): AskedJob | undefined {
  const { database, transaction } = store.ledger;
  return transaction.run(() => {
    const row = requireProfile(database, name);
    if (row.published === null) throw neverPublished(name);
    const open = openJob(database, name, row.published);
    if (open !== undefined) return { job: open, isNew: false };
    if (!isDue(row)) return undefined;
    return { job: queueJob(database, name, row.published, reason, clock.now()), isNew: true };
  });
}

/** Removes a profile with its versions and jobs; see `Profiles.remove`. */
export async function removeProfile(parts: ProfileParts, name: string): Promise<void> {
  await beginWork(parts);
  const { store } = parts;
  const { database, transaction } = store.ledger;
  transaction.run(() => {
    requireProfile(database, name);
    requireUnused(parts, name);
    const versions = database
      .prepare("SELECT base, snapshot FROM profile_version WHERE profile = ?")
      .all(name) as { readonly base: string | null; readonly snapshot: string | null }[];
    noteRelease(
      database,
      versions.flatMap(({ base, snapshot }) => [base, snapshot]),
    );
    database
      .prepare(
        "DELETE FROM profile_output WHERE job IN (SELECT sequence FROM profile_job WHERE profile = ?)",
      )
      .run(name);
    for (const table of ["profile_job", "profile_version"])
      database.prepare(`DELETE FROM ${table} WHERE profile = ?`).run(name);
    database.prepare("DELETE FROM profile WHERE name = ?").run(name);
  });
  await releaseSnapshots(store);
}

/** @throws {CoppiceError} IN_USE */
function requireUnused({ store }: ProfileParts, name: string): void {
  const { database } = store.ledger;
  const running = database
    .prepare("SELECT id FROM profile_job WHERE profile = ? AND state = 'running' LIMIT 1")
    .get(name) as { readonly id: string } | undefined;
  if (running !== undefined)
    throw new CoppiceError(
      "IN_USE",
      `Cannot remove profile ${name}: its job ${running.id} is running, wait for its end`,
    );
  const rows = database.prepare("SELECT name, draft FROM profile").all() as ProfileRow[];
  const standing = rows.filter(({ draft }) => baseProfile(draft) === name);
  if (standing.length === 0) return;
  const names = standing.map((each) => each.name).join(", ");
  throw new CoppiceError(
    "IN_USE",
    `Cannot remove profile ${name}: it is the base of ${names}, remove that first or give it another base`,
  );
}

/** Returns the profile that a draft begins with, if it does with one. */
export function baseProfile(draft: string): string | undefined {
  const { base } = JSON.parse(draft) as StoredDraft;
  return typeof base === "object" && "profile" in base ? base.profile : undefined;
}
