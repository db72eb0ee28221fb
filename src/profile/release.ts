/**
 * Release: snapshots that no profile needs any more are unpinned and removed; their bytes go with the next collection. What somebody
 * else pinned since, or a workspace stands on, stays: of the latter it is tried again.
 */

import type { Database } from "../database/sqlite.js";
import { removeIfFree } from "../ledger/remove-if-free.js";
import type { ProfileStore } from "./store-calls.js";
import { PIN_NOTE } from "./store-calls.js";

/** Notes snapshots that are to go, within a write transaction. */
export function noteRelease(database: Database, snapshots: readonly (string | null)[]): void {
  const note = database.prepare("INSERT OR IGNORE INTO profile_release (snapshot) VALUES (?)");
  for (const snapshot of snapshots) if (snapshot !== null) note.run(snapshot);
}

/** Removes what is noted, as far as it can be. */
export async function releaseSnapshots(store: ProfileStore): Promise<void> {
  const { database, transaction } = store.ledger;
  const noted = transaction.read(() =>
    database.prepare("SELECT snapshot FROM profile_release").all(),
  ) as { readonly snapshot: string }[];
  for (const { snapshot } of noted) {
    if (!(await removeOwn(store, snapshot))) continue;
    transaction.run(
      () => database.prepare("DELETE FROM profile_release WHERE snapshot = ?").run(snapshot),
      "relaxed",
    );
  }
}

/**
 * Unpins and removes a snapshot that is a profile's own; its children become its parents'.
 *
 * @returns whether it is gone, or somebody else's now
 */
export async function removeOwn(store: ProfileStore, id: string): Promise<boolean> {
  const pin = (await store.pins()).find((each) => each.snapshot === id);
  if (pin !== undefined && pin.note !== PIN_NOTE) return true;
  if (pin !== undefined && !(await isUnpinned(store, id))) return true;
  return removeIfFree(store, id);
}

/** Unpins a snapshot, and tells whether it is there. */
async function isUnpinned(store: ProfileStore, id: string): Promise<boolean> {
  try {
    await store.unpin(id);
    return true;
  } catch (error) {
    if ((error as { readonly code?: string }).code === "NOT_FOUND") return false;
    throw error;
  }
}
