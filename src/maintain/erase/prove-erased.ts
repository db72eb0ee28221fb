/**
 * Prove erased: every place in a pack where something lay that the catalog does not list any more is read back as zeros. What is not is
 * overwritten, and read again: packs of which nothing counts may have to wait for somebody who reads, and are left alone by a collection.
 *
 * This trusts neither the collection nor the erasure: it goes by what the packs themselves say that they hold.
 */
import type { CollectablePack } from "../../catalog/collection-table.js";
import type { DiskFile } from "../../disk/disk.js";
import { CoppiceError } from "../../model/error.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import { chunkRows } from "../../pack/chunk-table.js";
import { indexRecords } from "../../pack/index-record.js";
import { openPack } from "../../pack/open-pack.js";
import { packPath } from "../../pack/pack-codec.js";
import type { Engine } from "../../snapshot/engine.js";
import type { RemainingBytes } from "./erase-report.js";

/** What was found. */
export interface Proof {
  readonly packs: number;
  readonly remaining: readonly RemainingBytes[];
}

/**
 * Reads all dead places of all packs; yields after each pack.
 *
 * @throws {CoppiceError} IO, DISK_FULL
 */
export function* proveErased(
  engine: Engine,
  onPack: (done: number, total: number) => void,
): Generator<void, Proof> {
  const { catalog, disk } = engine;
  const remaining: RemainingBytes[] = [];
  const packs = catalog.collection.allPacks();
  let proved = 0;
  for (const [index, pack] of packs.entries()) {
    const path = packPath(pack.name);
    if (disk.stampOf(path) !== undefined) {
      const reason = provePack(engine, pack) ?? (pack.isSealed === 1 ? UNLISTED : undefined);
      if (reason === undefined) proved++;
      else remaining.push({ place: path, reason });
    }
    onPack(index + 1, packs.length);
    yield;
  }
  return { packs: proved, remaining };
}

/** Of a sealed pack: a repair may yet find it. */
const UNLISTED = "it may hold what the catalog does not list, repair the store first";

/** Returns why a pack may still have something, or `undefined`. */
function provePack(engine: Engine, pack: CollectablePack): string | undefined {
  const { catalog, disk } = engine;
  try {
    // Nobody knows what lies beyond its length but the session that has it now.
    const isOwn = pack.session === null && catalog.collection.own(pack);
    try {
      if (pack.lengthBytes === 0) {
        if (isOwn) disk.remove(packPath(pack.name));
        return undefined;
      }
      const file = openPack(disk, { storeId: catalog.storeId, name: pack.name }, "write");
      try {
        if (isOwn && file.size() > pack.lengthBytes) file.truncate(pack.lengthBytes);
        zeroDead(engine, file, pack);
        return undefined;
      } finally {
        file.close();
      }
    } finally {
      if (isOwn) catalog.releasePacks([pack.id]);
    }
  } catch (error) {
    if (error instanceof CoppiceError && error.code === "CORRUPT") return error.message;
    throw error;
  }
}

function zeroDead(engine: Pick<Engine, "catalog">, file: DiskFile, pack: CollectablePack): void {
  let isChanged = false;
  for (const { offset, lengthBytes } of remains(engine, file, pack)) {
    file.write(Buffer.alloc(lengthBytes), offset);
    isChanged = true;
  }
  if (!isChanged) return;
  file.sync();
  for (const { offset } of remains(engine, file, pack)) {
    throw new CoppiceError(
      "CORRUPT",
      `Cannot erase from pack ${pack.name}: what lies at ${offset} was overwritten and is still there, replace the disk`,
    );
  }
}

/** Yields the places of chunks that are not listed any more and where something still lies. */
function* remains(
  { catalog }: Pick<Engine, "catalog">,
  file: DiskFile,
  { id, name, lengthBytes }: CollectablePack,
): Generator<ChunkLocation> {
  for (const { rows } of indexRecords(file, name, lengthBytes)) {
    for (const chunk of chunkRows(rows, id)) {
      if (!catalog.chunks.has(chunk.digest) && !isZero(file, chunk.offset, chunk.lengthBytes))
        yield chunk;
    }
  }
}

function isZero(file: DiskFile, offset: number, lengthBytes: number): boolean {
  const bytes = Buffer.alloc(lengthBytes);
  // What is not there any more is gone.
  const read = file.read(bytes, offset);
  return !bytes.subarray(0, read).some((byte) => byte !== 0);
}
