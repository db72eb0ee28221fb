/**
 * Settle: jobs whose process died, or whose store was closed, are cleaned up after and put back (J2, L2).
 */
import { newId } from "../model/new-id.js";
import type { JobReason, JobRow } from "./job-row.js";
import { endJob } from "./job-row.js";
import { noteRelease, releaseSnapshots, removeOwn } from "./release.js";
import { removeHome } from "./run-setup.js";
import type { ProfileParts, ProfileStore } from "./store-calls.js";
import { LABELS, workspaceName } from "./store-calls.js";

/** A setup that ends its process, for want of memory say, would do so for ever. */
const ATTEMPTS_MAX = 3;

/**
 * Has this process's session begin, and settles what others left. The first call costs a transaction or two, others a
 * statement.
 *
 * @throws {CoppiceError} STORE_CLOSED, STORE_BUSY, DISK_FULL, CORRUPT, IO
 */
export async function beginWork(parts: ProfileParts): Promise<void> {
  parts.store.ledger.sessions.begin(undefined);
  await settle(parts);
}

/** Looks for jobs whose process died since, and settles them. Costs a look at each other session's lock where there are such jobs. */
export async function settleDead(parts: ProfileParts): Promise<void> {
  const { database, transaction, sessions } = parts.store.ledger;
  sessions.begin(undefined);
  const others = transaction.read(() =>
    database
      .prepare("SELECT id FROM profile_job WHERE state = 'running' AND session IS NOT ? LIMIT 1")
      .get(sessions.id),
  );
  if (others === undefined) return;
  sessions.clearDead();
  await settle(parts);
}

async function settle(parts: ProfileParts): Promise<void> {
  const { database, transaction } = parts.store.ledger;
  const rows = transaction.read(() =>
    database.prepare("SELECT * FROM profile_job WHERE state = 'running' AND session IS NULL").all(),
  ) as JobRow[];
  for (const row of rows) await settleJob(parts, row);
}

/** Cleans up after a job that is nobody's, and puts it back. Of several who find it one does so. */
export async function settleJob({ store, clock }: ProfileParts, row: JobRow): Promise<void> {
  const { database, transaction, sessions } = store.ledger;
  const { changes } = transaction.run(
    () =>
      database
        .prepare(
          "UPDATE profile_job SET session = ? WHERE id = ? AND state = 'running' AND session IS NULL",
        )
        .run(sessions.id, row.id),
    "relaxed",
  );
  if (changes === 0) return;
  try {
    await cleanUp(store, row.id);
  } catch {
    // Whoever comes next tries again; what is begun now has nothing to do with it.
    transaction.run(
      () => database.prepare("UPDATE profile_job SET session = NULL WHERE id = ?").run(row.id),
      "relaxed",
    );
    return;
  }
  transaction.run(() => {
    if (row.profile === null) database.prepare("DELETE FROM profile_job WHERE id = ?").run(row.id);
    else if (row.attempts >= ATTEMPTS_MAX)
      endJob(database, row.id, {
        state: "failed",
        nowMs: clock.now(),
        error: `its process ended before it did, ${row.attempts} times`,
      });
    else
      database
        .prepare("UPDATE profile_job SET state = 'queued', session = NULL WHERE id = ?")
        .run(row.id);
  });
}

/**
 * Takes away what a job made: its home directory, its workspace, and its snapshots but for one.
 *
 * @param kept the id of the snapshot that stays
 */
export async function cleanUp(store: ProfileStore, job: string, kept?: string): Promise<void> {
  removeHome(job);
  try {
    await store.discard(workspaceName(job), { force: true });
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "NOT_FOUND") throw error;
  }
  for (const { id } of await store.snapshots({ labels: { [LABELS.job]: job } })) {
    if (id === kept || (await removeOwn(store, id))) continue;
    const { database, transaction } = store.ledger;
    transaction.run(() => noteRelease(database, [id]));
  }
  await releaseSnapshots(store);
}

/** Notes that something is begun that leaves nothing behind if this process dies; returns its id. */
export function beginUnnamed({ store, clock }: ProfileParts, reason: JobReason | "test"): string {
  const { database, transaction, sessions } = store.ledger;
  const id = newId();
  transaction.run(
    () =>
      database
        .prepare(
          "INSERT INTO profile_job (id, reason, state, session, queued_ms) VALUES (?, ?, 'running', ?, ?)",
        )
        .run(id, reason, sessions.id, clock.now()),
    "relaxed",
  );
  return id;
}
