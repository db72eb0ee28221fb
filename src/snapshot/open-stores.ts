/**
 * Open stores: the directories of all stores that this process has open.
 *
 * Nothing may open and close their files on the way: that would end this process's POSIX locks on them,
 * and other processes would take its sessions for dead (fcntl(2), "Record locks").
 */
import type { Catalog } from "../catalog/catalog.js";

const directories = new Map<Catalog, string>();

/** Notes a store as open. */
export function noteOpenStore(catalog: Catalog, directory: string): void {
  directories.set(catalog, directory);
}

/** Forgets a store that was closed. */
export function forgetOpenStore(catalog: Catalog): void {
  directories.delete(catalog);
}

/** Returns the directories of the stores that are open, some perhaps twice. */
export function openStoreDirectories(): string[] {
  return [...directories.values()];
}
