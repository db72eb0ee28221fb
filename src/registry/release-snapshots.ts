/**
 * Release snapshots: those of versions that were deleted, and of uploads that came to nothing, are unpinned and removed.
 *
 * What cannot be removed now, since a workspace stands on it, say, stays noted, and goes with a later call.
 */
import { CoppiceError } from "../model/error.js";
import type { RegistryStore } from "./registry-store.js";

/** The label of a snapshot that an upload makes: the upload's id. */
export const UPLOAD_LABEL = "coppice.upload";
/** The label of the same: the agent's name. */
export const AGENT_LABEL = "coppice.agent";

/** Removes what nothing needs any more. Of uploads none that is under way. */
export async function releaseSnapshots(store: RegistryStore): Promise<void> {
  const { database, transaction } = store.ledger;
  const ids = (sql: string) =>
    transaction.read(() => database.prepare(sql).pluck().all()) as string[];
  for (const upload of ids("SELECT id FROM upload WHERE session IS NULL")) {
    const found = await store.snapshots({ labels: { [UPLOAD_LABEL]: upload } });
    transaction.run(() => {
      for (const { id } of found)
        database.prepare("INSERT OR IGNORE INTO released_snapshot VALUES (?)").run(id);
      database.prepare("DELETE FROM upload WHERE id = ?").run(upload);
    }, "relaxed");
  }
  for (const snapshot of ids("SELECT snapshot FROM released_snapshot")) {
    if (!(await isRemoved(store, snapshot))) continue;
    transaction.run(
      () => database.prepare("DELETE FROM released_snapshot WHERE snapshot = ?").run(snapshot),
      "relaxed",
    );
  }
}

/** Removes a snapshot, and tells whether it is gone. What was forked of it and captured stays. */
async function isRemoved(store: RegistryStore, id: string): Promise<boolean> {
  try {
    await store.unpin(id);
    await store.remove(id, { reparent: true });
    return true;
  } catch (error) {
    if (!(error instanceof CoppiceError)) throw error;
    return error.code === "NOT_FOUND";
  }
}

/** Removes what nothing needs any more, where that can be done: what it follows is done already. */
export async function releaseAfterwards(store: RegistryStore): Promise<void> {
  try {
    await releaseSnapshots(store);
  } catch (error) {
    if (!(error instanceof CoppiceError)) throw error;
    // It stays noted.
  }
}
