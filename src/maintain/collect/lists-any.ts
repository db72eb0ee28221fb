/**
 * Lists any: whether a pack holds one of some chunks, whatever the catalog says.
 */
import type { CollectablePack } from "../../catalog/collection-table.js";
import type { DigestSet } from "../../hash/digest-set.js";
import { CoppiceError } from "../../model/error.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { indexRecords } from "../../pack/index-record.js";
import { openPack } from "../../pack/open-pack.js";
import type { Engine } from "../../snapshot/engine.js";

/**
 * Returns whether the index of a pack lists one of some chunks; true where it cannot be read. Reads all its index records.
 *
 * @throws {CoppiceError} IO
 */
export function listsAny(
  { disk, catalog }: Pick<Engine, "disk" | "catalog">,
  { name, lengthBytes }: Pick<CollectablePack, "name" | "lengthBytes">,
  digests: DigestSet,
): boolean {
  if (digests.size === 0) return false;
  try {
    const file = openPack(disk, { storeId: catalog.storeId, name }, "read");
    try {
      for (const { rows } of indexRecords(file, name, lengthBytes))
        for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES)
          if (digests.has(rows, at)) return true;
      return false;
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof CoppiceError && error.code === "CORRUPT") return true;
    throw error;
  }
}
