/**
 * Cut back: packs as they were before something was written that did not come to be.
 */
import type { OwnedPack } from "../catalog/catalog.js";
import type { Disk } from "../disk/disk.js";
import { packPath } from "../pack/pack-codec.js";

/** Frees what was written in vain: where it filled the disk, not even the catalog could be written. */
export function cutBack(disk: Disk, packs: readonly OwnedPack[]): void {
  for (const { name, lengthBytes } of packs) {
    if (lengthBytes === 0) {
      disk.remove(packPath(name));
      continue;
    }
    const file = disk.open(packPath(name), "write");
    try {
      if (file.size() > lengthBytes) file.truncate(lengthBytes);
    } finally {
      file.close();
    }
  }
}
