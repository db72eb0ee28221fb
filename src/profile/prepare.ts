/**
 * Prepare: a base, a workspace of it, the setup in it. What jobs and tests of drafts have in common.
 */
import type { ResolveSecret, Snapshot, Workspace } from "../index.js";
import { CoppiceError } from "../model/error.js";
import { resolveSecrets } from "../sandbox/run/resolve-secrets.js";
import { hideSecrets } from "./hide-secrets.js";
import type { StoredDraft } from "./profile-draft.js";
import { readySnapshot } from "./ready-snapshot.js";
import type { SetupEnd } from "./run-setup.js";
import { runSetup } from "./run-setup.js";
import type { ProfileParts } from "./store-calls.js";
import { LABELS, workspaceName } from "./store-calls.js";

/** What a process that runs setups gives to them. */
export interface SetupUse {
  /** Gives the secrets that profiles refer to. @default there are none */
  readonly resolveSecret?: ResolveSecret | undefined;
  /** Takes what a setup writes as it comes, where this process runs it. */
  readonly onOutput?: ((bytes: Buffer) => void) | undefined;
}

/** A setup that is to be run. */
interface Preparation extends SetupUse {
  /** The id of the job: workspace and snapshots are found by it. */
  readonly id: string;
  readonly draft: StoredDraft;
  /** The snapshot to begin with, where that is known. */
  readonly base: string | null;
  readonly signal: AbortSignal;
  readonly onOutput: (bytes: Buffer) => void;
}

/**
 * Runs a setup in a workspace of its base.
 *
 * @param use takes the workspace and how the setup ended; both are there until it returns
 * @throws {CoppiceError} those of capturing and forking; ABORTED, INVALID_ARGUMENT where a secret is missing
 */
export async function prepare<T>(
  parts: ProfileParts,
  preparation: Preparation,
  use: (workspace: Workspace, end: SetupEnd) => Promise<T>,
): Promise<T> {
  const { id, draft, signal, resolveSecret, onOutput } = preparation;
  const { store } = parts;
  const secrets = await requireSecrets(draft, resolveSecret);
  const base = await resolveBase(parts, preparation);
  stopIfAborted(signal);
  const workspace = await store.fork(base, { name: workspaceName(id), signal });
  try {
    stopIfAborted(signal);
    const write = hideSecrets(Object.values(secrets), onOutput);
    const end = await runSetup({
      id,
      directory: workspace.path,
      script: draft.setup,
      env: { ...draft.env, ...secrets },
      timeout: draft.timeout,
      signal,
      onOutput: write,
    });
    write(undefined);
    return await use(workspace, end);
  } finally {
    await workspace.discard({ force: true });
  }
}

async function resolveBase(
  parts: ProfileParts,
  { id, draft, base, signal }: Preparation,
): Promise<Snapshot> {
  const { store } = parts;
  const labels = { [LABELS.job]: id };
  if (base !== null) return store.get(base);
  if (draft.base === undefined) return (await store.overlay().snapshot({ labels })).snapshot;
  if (typeof draft.base === "string") return store.get(draft.base);
  if ("profile" in draft.base) return readySnapshot(parts, draft.base.profile);
  return (await store.snapshot(draft.base.directory, { labels, signal })).snapshot;
}

/** @throws {CoppiceError} INVALID_ARGUMENT, naming all that are missing */
async function requireSecrets(
  { secrets }: StoredDraft,
  resolve: ResolveSecret | undefined,
): Promise<Readonly<Record<string, string>>> {
  const { values, missing } = await resolveSecrets(secrets, resolve);
  if (missing.length === 0) return values;
  throw new CoppiceError(
    "INVALID_ARGUMENT",
    `Cannot run setup: there are no secrets for ${missing.join(", ")}, give a resolveSecret that has them`,
  );
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new CoppiceError("ABORTED", "Cannot run setup: it was aborted");
}
