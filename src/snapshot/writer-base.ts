/**
 * Writer base: what snapshot writers begin with, and what is the same for those that follow one another.
 */

import type { OwnedPack } from "../catalog/addition.js";
import type { Catalog } from "../catalog/catalog.js";
import { DigestSet } from "../hash/digest-set.js";
import type { PackSupply } from "../pack/chunk-writer.js";
import { ChunkWriter } from "../pack/chunk-writer.js";
import { hasRecordBehind } from "../pack/find-index-record.js";
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
  /** Tells whether a chunk was stored before, `undefined` where none was. */
  readonly isStored: ((digest: Buffer) => boolean) | undefined;
  /** What writers before this one stored. */
  readonly written: DigestSet;
  /** How often chunks had been removed when it began: what is taken for known was there after that. */
  readonly removals: number;
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
      for (;;) {
        const pack = catalog.acquirePack();
        // Whose bytes these are is not known: nobody's, or a snapshot's that the catalog forgot.
        const holdsMore = () =>
          hasRecordBehind(disk, { storeId: supply.storeId, name: pack.name }, pack.lengthBytes);
        if (holdsMore()) {
          catalog.losses.seal(pack, holdsMore);
          continue;
        }
        packs.push(pack);
        return pack;
      }
    },
  };
  const prepared = prepareToWrite(engine);
  catalog.holds.releaseForgotten();
  // First: what is known is known from then on.
  const { removals } = catalog.collection;
  const isStored = knownBy(catalog, prepared.damaged);
  const chunks = new ChunkWriter(disk, supply);
  return { ...prepared, ...supply, chunks, packs, isStored, written: new DigestSet(), removals };
}

/**
 * Returns what tells whether a chunk is stored, `undefined` where none is; what lies in the damaged part of a
 * pack is not.
 */
function knownBy(
  { chunks }: Pick<Catalog, "chunks">,
  { readableBytes }: DamagedPacks,
): ((digest: Buffer) => boolean) | undefined {
  if (chunks.isEmpty) return undefined;
  if (readableBytes.size === 0) return chunks.asOfNow();
  return (digest) => {
    const place = chunks.locate(digest);
    if (place === undefined) return false;
    const end = readableBytes.get(place.pack) ?? Number.POSITIVE_INFINITY;
    return place.offset + place.lengthBytes <= end;
  };
}
