/**
 * Keep pinned: a catalog that a repair made anew, from the packs alone, knows no pins. The ledger knows what they were.
 */
import { CoppiceError } from "../model/error.js";
import type { RegistryStore } from "./registry-store.js";

/** The ledgers that were looked through. */
const looked = new WeakSet<object>();

/** Returns what a pin of an agent's snapshot says. */
export function pinNote(name: string): string {
  return `agent ${name}`;
}

/**
 * Pins the snapshots of versions that are not pinned any more. The first call costs a look at all versions and all pins, others nothing.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export async function keepPinned(store: RegistryStore): Promise<void> {
  const { ledger } = store;
  if (looked.has(ledger)) return;
  const versions = ledger.transaction.read(() =>
    ledger.database.prepare("SELECT name, snapshot, bundle FROM agent_version").all(),
  ) as { readonly name: string; readonly snapshot: string; readonly bundle: string | null }[];
  const pinned = new Set((await store.pins()).map(({ snapshot }) => snapshot));
  for (const { name, snapshot, bundle } of versions) {
    for (const id of [snapshot, bundle])
      if (id !== null && !pinned.has(id)) await pinAgain(store, id, name);
  }
  looked.add(ledger);
}

async function pinAgain(store: RegistryStore, id: string, name: string): Promise<void> {
  try {
    await store.pin(id, { note: pinNote(name) });
  } catch (error) {
    // Lost with its packs: `get` still tells of the version, and its use that the snapshot is gone.
    if (!(error instanceof CoppiceError && error.code === "NOT_FOUND")) throw error;
  }
}
