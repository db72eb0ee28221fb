/**
 * Ready snapshot: the one that a profile is used as, or why there is none.
 */
import type { Snapshot } from "../index.js";
import { CoppiceError } from "../model/error.js";
import { readOutput } from "./job-output.js";
import type { JobRow } from "./job-row.js";
import { lastJob, stateOf } from "./job-row.js";
import { readyVersion, requireProfile } from "./profile-row.js";
import type { ProfileParts } from "./store-calls.js";

const LINES_TOLD = 5;

/**
 * Returns the ready snapshot of a profile; see `Profiles.readySnapshot`.
 *
 * @throws {CoppiceError} NOT_FOUND, NOT_READY, SETUP_FAILED
 */
export async function readySnapshot(parts: ProfileParts, name: string): Promise<Snapshot> {
  const { database, transaction } = parts.store.ledger;
  for (let before: string | undefined; ; ) {
    const found = transaction.readTogether(() => {
      const { published } = requireProfile(database, name);
      const ready = readyVersion(database, name)?.snapshot;
      if (typeof ready === "string") return ready;
      if (published === null) throw neverPublished(name);
      throw whyNotReady(parts, name, lastJob(database, name, published));
    });
    try {
      return await parts.store.get(found);
    } catch (error) {
      // A refresh may have put another one in its place at this moment.
      const isGone = (error as { readonly code?: string }).code === "NOT_FOUND";
      if (!isGone || found === before) throw error;
      before = found;
    }
  }
}

/** Why a profile that was never published is of no use. */
export function neverPublished(name: string): CoppiceError {
  return new CoppiceError(
    "NOT_READY",
    `Cannot use profile ${name}: it was never published, publish it and wait until it is ready`,
  );
}

/** Why there is no snapshot of a published version. */
export function whyNotReady(
  { store }: ProfileParts,
  name: string,
  job: JobRow | undefined,
): CoppiceError {
  const since = (ms: number): string => new Date(ms).toISOString();
  const wait = (state: string): CoppiceError =>
    new CoppiceError("NOT_READY", `Cannot use profile ${name}: ${state}, wait until it is ready`);
  if (job === undefined) return wait("it has no job, refresh it");
  if (stateOf(job) === "queued") return wait(`its job is queued since ${since(job.queued_ms)}`);
  if (job.state === "running")
    return wait(`its setup is running since ${since(job.started_ms ?? job.queued_ms)}`);
  const lines = readOutput(store.ledger, job).text.trimEnd().split("\n").slice(-LINES_TOLD);
  const output =
    lines.join("\n") === "" ? "it wrote nothing" : `it wrote last:\n${lines.join("\n")}`;
  return new CoppiceError(
    "SETUP_FAILED",
    `Cannot use profile ${name}: ${job.error ?? "its setup failed"}; ${output}`,
  );
}
