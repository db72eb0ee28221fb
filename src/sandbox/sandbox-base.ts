/**
 * Sandbox base: the snapshot that a sandbox begins as.
 */
import type { Snapshot } from "../index.js";
import { removeIfFree } from "../ledger/remove-if-free.js";
import { LABELS } from "./settings.js";
import type { SandboxStore } from "./store-calls.js";

/**
 * What a sandbox begins as: a snapshot, or its id, name or digest; a directory of this machine, which is captured first; a
 * version of an agent; a profile, as it was prepared last; or whatever record names a snapshot.
 */
export type SandboxBase =
  | Snapshot
  | string
  | {
      /** Captured first. */
      readonly directory: string;
    }
  | {
      /** The name of an agent in the store's registry: its version of this number, or of this tag; of neither, the latest. */
      readonly agent: string;
      /** Names a version. */
      readonly tag?: string;
      /** Counts them. */
      readonly version?: number;
    }
  | {
      /** Id, name or digest of a snapshot. */
      readonly snapshot: string;
    }
  | {
      /** The name of a profile, whose ready snapshot it is. */
      readonly profile: string;
    };

/**
 * Returns the snapshot that is meant. Of nothing it is one in which nothing is. What is made here is the sandbox's own and goes
 * with it: its label tells.
 *
 * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS; NOT_READY, SETUP_FAILED where a profile has no ready snapshot; those of `Store.snapshot`
 * @throws {TypeError} where it is nothing of all that
 */
export async function resolveBase(
  store: SandboxStore,
  base: SandboxBase | undefined,
  sandbox: string,
): Promise<Snapshot> {
  const labels = { [LABELS.base]: sandbox };
  if (base === undefined) return (await store.overlay().snapshot({ labels })).snapshot;
  if (typeof base === "string") return store.get(base);
  if ("directory" in base) return (await store.snapshot(base.directory, { labels })).snapshot;
  if ("profile" in base) return store.profiles.readySnapshot(base.profile);
  if ("agent" in base) {
    const { agent, tag, version } = base;
    const which = { ...(tag !== undefined && { tag }), ...(version !== undefined && { version }) };
    return store.get((await store.registry.get(agent, which)).snapshot);
  }
  if ("snapshot" in base) return store.get(base.snapshot);
  if (typeof base.id === "string") return store.get(base.id);
  throw new TypeError(
    "Cannot use base: give a snapshot, its id or name, { directory }, { agent }, { profile } or a record with a snapshot",
  );
}

/** Removes the snapshots that were made for a sandbox to begin as, unless something else stands on them. */
export async function removeOwnBases(store: SandboxStore, sandbox: string): Promise<void> {
  for (const snapshot of await store.snapshots({ labels: { [LABELS.base]: sandbox } }))
    await removeIfFree(store, snapshot.id);
}
