/**
 * Unlisted remarks: what the packs hold that the catalog does not list.
 */
import { isUnreadable } from "../../model/system-failure.js";
import { hasRecordBehind } from "../../pack/find-index-record.js";
import { packNameOf } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";

/** Returns what people should know of packs without a row, and of chunks behind what was committed. */
export function unlistedRemarks({ catalog, disk }: Pick<Engine, "catalog" | "disk">): string[] {
  const remarks: string[] = [];
  const files = disk.list("packs");
  // After the files: a pack's row is there before its file is, and goes after it.
  const known = new Set([
    ...catalog.losses.packs().map(({ name }) => name),
    ...catalog.collection.retiredPacks().map(({ name }) => name),
  ]);
  for (const file of files) {
    const name = packNameOf(file);
    if (name === undefined || !known.has(name))
      remarks.push(`packs/${file} is not in the catalog: run coppice repair`);
  }
  const { storeId } = catalog;
  for (const { name, lengthBytes, isOwned } of catalog.losses.packs()) {
    if (isOwned) continue;
    try {
      if (hasRecordBehind(disk, { storeId, name }, lengthBytes))
        remarks.push(`pack ${name} holds more than the catalog lists: run coppice repair`);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      remarks.push(
        `what pack ${name} holds beyond what the catalog lists cannot be read: ${(error as Error).message}`,
      );
    }
  }
  return remarks;
}
