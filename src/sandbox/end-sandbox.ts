/**
 * End sandbox: its processes, its workspace, and what was made for it. Each step may be repeated.
 */
import { removeOwnBases } from "./sandbox-base.js";
import { noteEvent } from "./sandbox-events.js";
import { freezerFor } from "./sandbox-processes.js";
import type { SandboxRow } from "./sandbox-row.js";
import { deleteRow, updateRow } from "./sandbox-row.js";
import type { SandboxStore } from "./store-calls.js";

/** Returns the name of a sandbox's workspace, which is known before there is one. */
export function workspaceName(sandbox: string): string {
  return `sandbox-${sandbox}`;
}

/**
 * Ends a sandbox whose row says so already.
 *
 * @throws {CoppiceError} IO where a process does not end; those of `Store.discard`; the row stays as it is
 */
export async function endSandbox(store: SandboxStore, row: SandboxRow): Promise<void> {
  const { database, transaction } = store.ledger;
  const freezer = freezerFor(store, row);
  await freezer.kill();
  await discardWorkspace(store, row.id);
  await freezer.remove();
  await removeOwnBases(store, row.id);
  transaction.run(() => {
    updateRow(database, row.id, { state: "deleted", change: null, session: null });
    database.prepare("DELETE FROM sandbox_process WHERE sandbox = ?").run(row.id);
    noteEvent(database, row.id, "deleted");
  });
}

/** Takes away what there is of a sandbox that did not come to be. */
export async function undoCreation(store: SandboxStore, id: string): Promise<void> {
  await discardWorkspace(store, id);
  await removeOwnBases(store, id);
  store.ledger.transaction.run(() => deleteRow(store.ledger.database, id));
}

async function discardWorkspace(store: SandboxStore, id: string): Promise<void> {
  try {
    await store.discard(workspaceName(id), { force: true });
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "NOT_FOUND") throw error;
  }
}
