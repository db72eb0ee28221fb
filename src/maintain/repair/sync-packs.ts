/**
 * Sync packs: has what becomes listed be on stable storage.
 */
import type { Disk } from "../../disk/disk.js";
import { syncFile } from "../../disk/sync-file.js";
import { packPath } from "../../pack/pack-codec.js";

/** Returns once the bytes and the names of some packs are there. */
export function syncPacks(disk: Disk, packs: readonly { readonly name: string }[]): void {
  for (const { name } of packs) syncFile(disk, packPath(name));
  disk.syncDirectory("packs");
}
