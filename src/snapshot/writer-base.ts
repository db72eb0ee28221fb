/**
 * Writer base: what writing to packs starts with, and what puts them back where that failed.
 */
import type { OwnedPack } from "../catalog/catalog.js";
import type { Disk } from "../disk/disk.js";
import type { PackSupply } from "../pack/chunk-writer.js";
import { ChunkWriter } from "../pack/chunk-writer.js";
import { packPath } from "../pack/pack-codec.js";
import type { Engine } from "./engine.js";
import type { DamagedPacks } from "./inspect-packs.js";
import { prepareToWrite } from "./prepare-to-write.js";

/** What is the same for writers that follow one another (see standing-writer). */
export interface WriterBase extends PackSupply {
  readonly damaged: DamagedPacks;
  readonly remarks: readonly string[];
  readonly chunks: ChunkWriter;
  /** The packs that are written to. */
  readonly packs: OwnedPack[];
}

/**
 * Puts a store in order, and returns what a writer starts with.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function writerBase(
  engine: Pick<Engine, "catalog" | "disk" | "objects" | "chunks">,
): WriterBase {
  const { catalog, disk } = engine;
  const packs: OwnedPack[] = [];
  const supply: PackSupply = {
    storeId: catalog.storeId,
    acquirePack() {
      const pack = catalog.acquirePack();
      packs.push(pack);
      return pack;
    },
  };
  const prepared = prepareToWrite(engine);
  return { ...prepared, ...supply, chunks: new ChunkWriter(disk, supply), packs };
}

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
