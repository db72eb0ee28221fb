/**
 * Sync others: what a `full` snapshot may refer to beside what was written for it.
 */
import type { OwnedPack } from "../catalog/addition.js";
import { syncFile } from "../disk/sync-file.js";
import { packPath } from "../pack/pack-codec.js";
import type { Engine } from "./engine.js";

/**
 * Syncs the packs that `relaxed` snapshots left unsynced: this one may refer to what is in them, and
 * after a power cut its rows would bring theirs back without the bytes.
 *
 * @returns them with the lengths that are on stable storage now
 */
export function syncOthers(
  { catalog, disk }: Pick<Engine, "catalog" | "disk">,
  own: readonly { readonly id: number }[],
): OwnedPack[] {
  const others = catalog.unsyncedPacks().filter((pack) => !own.some(({ id }) => id === pack.id));
  for (const { name } of others) syncFile(disk, packPath(name));
  if (others.some(({ syncedBytes }) => syncedBytes === 0)) disk.syncDirectory("packs");
  return others;
}
