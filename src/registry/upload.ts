/**
 * Upload: a version of an agent.
 *
 *     intent -> snapshots, labelled with the upload's id -> pins -> version, tags, intent gone
 *
 * What was made is of no use until the last step, and is found by its label where a process dies before it: (L1), (L2).
 */
import { checkLabels } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";
import { checkAuth } from "./agent-auth.js";
import { captureUpload } from "./capture-upload.js";
import type { Captured } from "./captured.js";
import { checkAgentName, checkEntrypoint, checkTag } from "./check-words.js";
import { requireConfigPlaces } from "./config-places.js";
import { keepPinned, pinNote } from "./keep-pinned.js";
import { readLimits } from "./registry-limits.js";
import type { RegistryStore } from "./registry-store.js";
import {
  AGENT_LABEL,
  releaseAfterwards,
  releaseSnapshots,
  UPLOAD_LABEL,
} from "./release-snapshots.js";
import type { UploadedVersion, UploadOptions } from "./upload-options.js";
import type { VersionRow } from "./version-table.js";
import { recordOf, VersionTable } from "./version-table.js";

/** Uploads a version; see `Registry.upload`. */
export async function upload(
  store: RegistryStore,
  options: UploadOptions,
): Promise<UploadedVersion> {
  const { name, entrypoint, runtime, tag, labels = {}, signal } = options;
  checkAgentName(name);
  checkEntrypoint(entrypoint);
  if (tag !== undefined) checkTag(tag);
  checkLabels(labels);
  const auth = checkAuth(options.auth ?? {});
  const { ledger } = store;
  ledger.sessions.begin(undefined);
  await keepPinned(store);
  await releaseSnapshots(store);
  const id = newId();
  ledger.transaction.run(() =>
    ledger.database.prepare("INSERT INTO upload VALUES (?, ?)").run(id, ledger.sessions.id),
  );
  try {
    const captured = await captureUpload(store, options, readLimits(ledger), {
      [UPLOAD_LABEL]: id,
      [AGENT_LABEL]: name,
    });
    await requireConfigPlaces(captured.snapshot, auth);
    const own = { id, name, runtime, entrypoint, labels, auth };
    signal?.throwIfAborted();
    const counted = await count(store, own, captured, tag);
    await releaseAfterwards(store);
    return counted;
  } catch (error) {
    await giveUp(store, id);
    if (signal?.aborted !== true || error instanceof CoppiceError) throw error;
    throw new CoppiceError("ABORTED", `Cannot upload ${name}: aborted, nothing was left`, {
      cause: error,
    });
  }
}

/** Pins the snapshots, and counts the version. */
async function count(
  store: RegistryStore,
  own: Pick<VersionRow, "id" | "name" | "runtime" | "entrypoint" | "labels" | "auth">,
  { snapshot, bundle, ...captured }: Captured,
  tag: string | undefined,
): Promise<UploadedVersion> {
  const { ledger } = store;
  const { id, name } = own;
  for (const each of [snapshot, bundle])
    if (each !== undefined) await store.pin(each.id, { note: pinNote(name) });
  const table = new VersionTable(ledger);
  const { maxVersions = Number.POSITIVE_INFINITY, keepWithin } = readLimits(ledger);
  return ledger.transaction.run(() => {
    const intent = ledger.database
      .prepare("DELETE FROM upload WHERE id = ? AND session = ?")
      .run(id, ledger.sessions.id);
    if (intent.changes === 0)
      throw new CoppiceError("STORE_CLOSED", `Cannot upload ${name}: the store was closed`);
    const added = table.add({
      ...own,
      ...captured,
      snapshot: snapshot.id,
      snapshotDigest: snapshot.digest,
      bundle: bundle?.id,
      entryCount: snapshot.entryCount,
      totalBytes: snapshot.totalBytes,
      createdAt: new Date(),
    });
    if (tag !== undefined) table.setTag(added, tag);
    const sinceMs = keepWithin === undefined ? 0 : Date.now() - keepWithin;
    const gone = table.beyond(name, maxVersions, sinceMs);
    for (const each of gone) table.delete(each);
    const record = recordOf(table.find({ name, version: added.version }) as VersionRow);
    return { ...record, removed: gone.map(recordOf) };
  });
}

/** Takes back what an upload has made that failed. */
async function giveUp(store: RegistryStore, id: string): Promise<void> {
  try {
    const { database, transaction } = store.ledger;
    transaction.run(
      () => database.prepare("UPDATE upload SET session = NULL WHERE id = ?").run(id),
      "relaxed",
    );
    await releaseSnapshots(store);
  } catch {
    // The error that is on its way says what went wrong; what is left is found by whoever uploads next.
  }
}
