/**
 * Store: the handle on one directory on disk that holds snapshots.
 */
import { xxh64Ready } from "./hash/xxh64.js";
import type { RepairOptions } from "./maintain/repair/repair.js";
import type { RepairReport } from "./maintain/repair/repair-report.js";
import { openEngine } from "./snapshot/engine.js";
import { LedgerCalls } from "./store/ledger-calls.js";

/** How a store is opened. */
export interface StoreOptions {
  /**
   * Whether a directory that is missing or empty becomes a new store.
   * @default true
   */
  readonly create?: boolean;
}

/**
 * The handle on one directory on disk that holds snapshots; several handles and processes may have it open
 * at once. Whoever opens it closes it; every method but `close` throws STORE_CLOSED afterwards.
 */
export class Store extends LedgerCalls {
  /**
   * Opens a store.
   *
   * @param directory where it lies; its files are made for their owner alone (0700, 0600)
   * @throws {CoppiceError} NOT_A_STORE where the directory has other content; STORE_TOO_NEW, NOT_OWNER, STORE_BUSY,
   * CORRUPT, UNSUPPORTED
   * @example
   * const store = await Store.open("/var/lib/snapshots");
   * try {
   *   await store.snapshot("project");
   * } finally {
   *   await store.close();
   * }
   */
  static async open(directory: string, options: StoreOptions = {}): Promise<Store> {
    await xxh64Ready;
    return new Store(openEngine(directory, options.create ?? true));
  }

  /**
   * Repairs a store, as `store.repair` does, also one that cannot be opened: where its catalog is missing or damaged, a new one is
   * made from the packs alone, and the old one goes to `quarantine`. All snapshots come back whose data is there, those that were
   * removed and not collected yet as well, and of two with one name the newest keeps it.
   *
   * @param directory the store's
   * @throws {CoppiceError} NOT_A_STORE where there are neither a catalog nor packs; STORE_BUSY where a catalog is to be made anew
   * and somebody has the store open; STORE_TOO_NEW, NOT_OWNER, ABORTED, DISK_FULL, IO
   * @example
   * const { rebuilt, recovered, lost } = await Store.repair("/var/lib/snapshots");
   */
  static async repair(directory: string, options: RepairOptions = {}): Promise<RepairReport> {
    const { repairStore } = await import("./maintain/repair/repair-store.js");
    return repairStore(directory, options);
  }
}
