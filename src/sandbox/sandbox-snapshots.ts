/**
 * Sandbox snapshots: taking, listing and deleting them. They outlive their sandbox.
 */

import type { Page, PageQuery } from "../ledger/page.js";
import { pageOf } from "../ledger/page.js";
import { removeIfFree } from "../ledger/remove-if-free.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";
import { noteEvent } from "./sandbox-events.js";
import type { SandboxParts } from "./sandbox-parts.js";
import { livingRow } from "./sandbox-parts.js";
import { labelsOf } from "./settings.js";
import { beginWriting } from "./settle.js";
import type { SnapshotRecord } from "./snapshot-row.js";
import {
  abandonRecord,
  completeSnapshot,
  deleteRecord,
  findRecord,
  insertRecord,
  recordsAfter,
} from "./snapshot-row.js";
import type { SandboxStore } from "./store-calls.js";

/** A snapshot that was taken of a sandbox. */
export interface SandboxSnapshot {
  /** The snapshot's id, as `Store.get` takes it. */
  readonly id: string;
  /** Its name, unique in the store. */
  readonly name?: string;
  /** Id of the sandbox that it was taken of, which may be gone. */
  readonly sandboxId: string;
  /** Sum of the sizes of all files in it; what the store has already takes no further room. */
  readonly sizeBytes: number;
  /** `gone` where somebody removed it from the store by other means. */
  readonly status: "ready" | "gone";
  /** When it was taken. */
  readonly createdAt: Date;
}

/** Takes a snapshot; see `Sandbox.snapshot`. */
export async function takeSnapshot(
  { store, id: sandbox, workspace }: SandboxParts,
  name: string | undefined,
): Promise<SandboxSnapshot> {
  await beginWriting(store);
  const { database, transaction, sessions } = store.ledger;
  const token = newId();
  const settings = transaction.run(() => {
    const { config, isolation } = livingRow(store, sandbox);
    insertRecord(database, {
      token,
      id: undefined,
      sandbox,
      name,
      sizeBytes: 0,
      settings: { config, isolation },
      createdMs: Date.now(),
      change: "make",
      session: sessions.id,
    });
    return { config, isolation };
  }, "relaxed");
  try {
    const { snapshot } = await workspace.snapshot({
      ...(name !== undefined && { name }),
      labels: labelsOf(sandbox, token, settings),
    });
    const { id, totalBytes: sizeBytes, createdAt } = snapshot;
    transaction.run(() => completeSnapshot(database, { token, sandbox, name }, snapshot));
    return {
      id,
      ...(name !== undefined && { name }),
      sandboxId: sandbox,
      sizeBytes,
      status: "ready",
      createdAt,
    };
  } catch (error) {
    transaction.run(() => {
      // It may be there all the same: whoever comes next looks.
      database.prepare("UPDATE sandbox_snapshot SET session = NULL WHERE token = ?").run(token);
      const message = error instanceof Error ? error.message : String(error);
      noteEvent(database, sandbox, "failed", { action: "snapshot", message });
    }, "relaxed");
    throw error;
  }
}

/** Returns a page of the snapshots of a sandbox, or of all, oldest first. */
export async function listSnapshots(
  store: SandboxStore,
  sandbox: string | undefined,
  query: PageQuery,
): Promise<Page<SandboxSnapshot>> {
  const { database, transaction } = store.ledger;
  const list = sandbox === undefined ? "snapshots of sandboxes" : `snapshots of ${sandbox}`;
  const page = transaction.read(() =>
    pageOf(
      list,
      query,
      ({ createdMs, token }: SnapshotRecord) => [createdMs, token],
      (after, count) => recordsAfter(database, sandbox, after, count),
    ),
  );
  const items = await Promise.all(page.items.map((record) => told(store, record)));
  return { items, ...(page.cursor !== undefined && { cursor: page.cursor }) };
}

/** Deletes a snapshot; see `Sandbox.deleteSnapshot`. */
export async function deleteSnapshot(store: SandboxStore, reference: string): Promise<void> {
  await beginWriting(store);
  const { database, transaction } = store.ledger;
  const record = transaction.read(() => findRecord(database, reference));
  if (record?.id === undefined)
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot delete snapshot ${reference}: no sandbox has one of that id or name, list them`,
    );
  const { id, token, sandbox } = record;
  if ((await store.pins()).some(({ snapshot }) => snapshot === id))
    throw new CoppiceError("IN_USE", `Cannot delete snapshot ${id}: it is pinned, unpin it first`);
  // First the row (L1), so that nobody is told of what may be gone.
  transaction.run(() => {
    abandonRecord(database, token);
    noteEvent(database, sandbox, "snapshot-deleted", { snapshot: id });
  });
  if (await removeIfFree(store, id))
    transaction.run(() => deleteRecord(database, token), "relaxed");
}

async function told(store: SandboxStore, record: SnapshotRecord): Promise<SandboxSnapshot> {
  const { name } = record;
  const id = record.id!;
  return {
    id,
    ...(name !== undefined && { name }),
    sandboxId: record.sandbox,
    sizeBytes: record.sizeBytes,
    status: (await isThere(store, id)) ? "ready" : "gone",
    createdAt: new Date(record.createdMs),
  };
}

async function isThere(store: SandboxStore, id: string): Promise<boolean> {
  try {
    return (await store.get(id)).id === id;
  } catch (error) {
    if ((error as { readonly code?: string }).code === "NOT_FOUND") return false;
    throw error;
  }
}
