/**
 * Recover: what is done before a store is written to, once the machine was started anew.
 *
 * Bytes that `relaxed` captures wrote and nobody synced may be gone after a power cut, while SQLite kept their
 * rows. All of them are compared with their checksums. What is whole is synced; from the first damage of each
 * pack on the rest is given up, and with it the snapshots that refer to it. Those are `relaxed` ones that no
 * `full` one followed (C4): an older snapshot is never among them.
 */
import type { Catalog } from "../catalog/catalog.js";
import type { PackState, PowerLossRecord, SettledPack } from "../catalog/loss-table.js";
import type { Disk } from "../disk/disk.js";
import { DigestSet } from "../hash/digest-set.js";
import { CoppiceError } from "../model/error.js";
import { wholeEnd } from "../pack/find-index-record.js";
import { openPack } from "../pack/open-pack.js";
import type { Engine } from "./engine.js";
import { lostSnapshots } from "./lost-snapshots.js";

/**
 * Settles what an earlier boot left unsynced, and returns what people should know of it. Costs one query where there is nothing of that kind; else
 * reading all of it, and where something is gone a look at every tree.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function recover({
  catalog,
  disk,
  objects,
}: Pick<Engine, "catalog" | "disk" | "objects">): string[] {
  if (catalog.losses.unsettledPacks(disk.bootId).length === 0) return [];
  catalog.beginWriting();
  for (;;) {
    // One that is owned is of this boot: the machine does not tell one from another.
    const packs = catalog.losses
      .unsettledPacks(disk.bootId)
      .filter((pack) => !pack.isOwned)
      .flatMap((pack) => settledPack(catalog, disk, pack) ?? []);
    const gone = new DigestSet();
    for (const { id, wholeBytes, lengthBytes } of packs) {
      if (wholeBytes === lengthBytes) continue;
      for (const { digest } of catalog.chunks.ofPackFrom(id, wholeBytes)) gone.add(digest);
    }
    const lost: PowerLossRecord = {
      foundMs: Date.now(),
      snapshots: gone.size === 0 ? [] : lostOf(catalog, objects, gone),
    };
    if (gone.size > 0) forgetScans(disk);
    if (packs.length > 0) disk.syncDirectory("packs");
    if (!catalog.losses.settle(packs, lost)) continue;
    const ids = lost.snapshots.map(({ id }) => id);
    return ids.length === 0
      ? []
      : [`a power cut took what was not synced: ${ids.join(", ")} is lost`];
  }
}

/**
 * Removes the stat caches: they speak of contents as known that are not any more. First of all, and for good:
 * one that came back would let a capture refer to what is gone.
 */
export function forgetScans(disk: Disk): void {
  for (const name of disk.list("cache")) disk.remove(`cache/${name}`);
  disk.syncDirectory("cache");
}

function lostOf(catalog: Catalog, objects: Engine["objects"], gone: DigestSet) {
  return lostSnapshots(objects, catalog.snapshots.all(), gone)
    .reverse()
    .map(({ id, name, source, createdMs }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      source,
      createdMs,
    }));
}

/** Syncs a pack and returns how much of it is whole; `undefined` for one that the power cut did not damage. */
function settledPack(
  catalog: Catalog,
  disk: Disk,
  { id, name, lengthBytes, syncedBytes }: PackState,
): SettledPack | undefined {
  const settled = { id, lengthBytes, syncedBytes };
  try {
    const file = openPack(disk, { storeId: catalog.storeId, name }, "read");
    try {
      const chunks = catalog.chunks.ofPackFrom(id, syncedBytes);
      const wholeBytes = wholeEnd({ name, file, start: syncedBytes, end: lengthBytes, chunks });
      file.sync();
      return { ...settled, wholeBytes };
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
    // Its header was never synced, and is gone with all the rest; or it was, and this is another damage.
    return syncedBytes === 0 ? { ...settled, wholeBytes: 0 } : undefined;
  }
}
