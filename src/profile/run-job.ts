/**
 * Run job: from a job that was claimed to a ready snapshot, or to why there is none.
 *
 *     claimed ─> base ─> workspace ─> setup ─> snapshot ─> pinned ─> in the ledger ─> the one before is released
 *
 * Whoever dies on the way leaves a row that the next one settles (J2).
 */
import { OutputWriter } from "./job-output.js";
import type { JobRow } from "./job-row.js";
import { endJob } from "./job-row.js";
import type { SetupUse } from "./prepare.js";
import { prepare } from "./prepare.js";
import type { StoredDraft } from "./profile-draft.js";
import { findVersion, readyVersion } from "./profile-row.js";
import { noteRelease, releaseSnapshots } from "./release.js";
import { cleanUp, settleJob } from "./settle.js";
import type { ProfileParts } from "./store-calls.js";
import { LABELS, PIN_NOTE } from "./store-calls.js";

/** What became of a setup. */
interface Outcome {
  readonly exitCode?: number;
  readonly error?: string;
  readonly snapshot?: string;
}

/** Runs a job that was claimed for this process. How it ends is told by its row. */
export async function runJob(
  parts: ProfileParts,
  job: JobRow,
  { signal, resolveSecret, onOutput }: SetupUse & { readonly signal: AbortSignal },
): Promise<void> {
  const { store } = parts;
  const output = new OutputWriter(store.ledger, job.sequence);
  let outcome: Outcome;
  try {
    outcome = await makeSnapshot(parts, job, {
      signal,
      resolveSecret,
      onOutput: (bytes) => {
        output.add(bytes);
        onOutput?.(bytes);
      },
    });
    output.end();
  } catch (error) {
    if (isInterrupted(error, signal)) {
      await putBack(parts, job, output);
      return;
    }
    outcome = { error: (error as Error).message };
    finishOutput(output);
  }
  try {
    commit(parts, job, outcome);
    await cleanUp(store, job.id, outcome.snapshot);
    await releaseSnapshots(store);
  } catch (error) {
    // The store was closed at this moment: the next one settles what is left.
    if (!isInterrupted(error, signal)) throw error;
  }
}

async function makeSnapshot(
  parts: ProfileParts,
  job: JobRow,
  use: SetupUse & { readonly signal: AbortSignal; readonly onOutput: (bytes: Buffer) => void },
): Promise<Outcome> {
  const { store } = parts;
  const { database, transaction } = store.ledger;
  const version = transaction.read(() =>
    findVersion(database, job.profile as string, job.version as number),
  );
  if (version === undefined) return { error: "the profile was removed" };
  const draft = JSON.parse(version.draft) as StoredDraft;
  const preparation = { ...use, id: job.id, draft, base: version.base };
  return prepare(parts, preparation, async (workspace, end) => {
    if (end.error !== undefined) return end;
    const labels = {
      [LABELS.job]: job.id,
      [LABELS.profile]: `${version.profile}@${version.version}`,
    };
    const { snapshot } = await workspace.snapshot({ labels });
    await store.pin(snapshot, { note: PIN_NOTE });
    return { ...end, snapshot: snapshot.id };
  });
}

/** Notes how it ended; a snapshot takes the place of those before it (J3), unless that of a later version has. */
function commit({ store, clock }: ProfileParts, job: JobRow, outcome: Outcome): void {
  const { database, transaction } = store.ledger;
  const [profile, version] = [job.profile as string, job.version as number];
  transaction.run(() => {
    const { exitCode, error, snapshot } = outcome;
    const state = snapshot === undefined ? "failed" : "ready";
    endJob(database, job.id, { state, nowMs: clock.now(), exitCode, error, snapshot });
    if (snapshot === undefined) return;
    const isLate = (readyVersion(database, profile)?.version ?? 0) > version;
    if (isLate || findVersion(database, profile, version) === undefined) {
      noteRelease(database, [snapshot]);
      return;
    }
    const replaced = database
      .prepare(
        "SELECT snapshot, CASE WHEN version < ? THEN base END AS base FROM profile_version WHERE profile = ? AND version <= ?",
      )
      .all(version, profile, version) as { snapshot: string | null; base: string | null }[];
    noteRelease(
      database,
      replaced.flatMap((each) => [each.snapshot, each.base]),
    );
    database
      .prepare("UPDATE profile_version SET snapshot = NULL WHERE profile = ? AND version <= ?")
      .run(profile, version);
    database
      .prepare("UPDATE profile_version SET snapshot = ? WHERE profile = ? AND version = ?")
      .run(snapshot, profile, version);
  });
}

/** Whether it was not the job that failed: it was told to end, or its store was closed. */
function isInterrupted(error: unknown, signal: AbortSignal): boolean {
  const { code } = error as { readonly code?: string };
  return code === "STORE_CLOSED" || (code === "ABORTED" && signal.aborted);
}

/** Its attempt does not count: nothing was wrong with it. */
async function putBack(parts: ProfileParts, job: JobRow, output: OutputWriter): Promise<void> {
  const { database, transaction } = parts.store.ledger;
  finishOutput(output);
  const attempts = job.attempts - 1;
  transaction.run(() =>
    database
      .prepare("UPDATE profile_job SET session = NULL, attempts = ? WHERE id = ?")
      .run(attempts, job.id),
  );
  await settleJob(parts, { ...job, attempts });
}

/** Why output could not be kept is of no matter beside why the job ended. */
function finishOutput(output: OutputWriter): void {
  try {
    output.end();
  } catch {
    // As said.
  }
}
