/**
 * Sync packs: has what becomes listed be on stable storage.
 */
import type { Disk } from "../../disk/disk.js";
import { packPath } from "../../pack/pack-codec.js";

/** Returns once the bytes of some packs are there. Their names are the caller's to sync. */
export function syncPacks(disk: Disk, names: Iterable<string>): void {
  for (const name of names) {
    const file = disk.open(packPath(name), "read");
    try {
      file.sync();
    } finally {
      file.close();
    }
  }
}
