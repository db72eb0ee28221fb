/**
 * Sync packs: has what becomes listed be on stable storage.
 */
import type { Disk } from "../../disk/disk.js";
import { packPath } from "../../pack/pack-codec.js";

/** Returns once the bytes and the names of some packs are there. */
export function syncPacks(disk: Disk, packs: readonly { readonly name: string }[]): void {
  for (const { name } of packs) {
    const file = disk.open(packPath(name), "read");
    try {
      file.sync();
    } finally {
      file.close();
    }
  }
  disk.syncDirectory("packs");
}
