/**
 * A store whose catalog lists ten million chunks. Its rows go in through the catalog's own classes, with seeded random digests, a
 * million in a transaction. There are no packs: opening a store and asking what is known needs none. So the places and
 * checksums of the rows say nothing, and nothing can be captured into this store or read from it.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Catalog } from "#dist/catalog/catalog.js";
import { CATALOG_FILE } from "#dist/catalog/open-database.js";
import { CHUNK_KINDS } from "#dist/pack/chunk-location.js";
import { ChunkTable } from "#dist/pack/chunk-table.js";
import { SeededRandom } from "./seeded-random.mjs";

const SEED = 5;
const PACK_COUNT = 10;
const CHUNKS_PER_PACK = 1_000_000;
/** So that each pack is full and the next chunks get another one. */
const CHUNK_BYTES = 1_100;
const DIGEST_BYTES = 32;

/** @type {import("./data-set.mjs").DataSet} */
export const chunkRows = {
  name: "chunk-rows",
  description: "a catalog that lists 10,000,000 chunks with seeded digests, without their packs",
  recipe: () => `version 1, seed ${SEED}, ${PACK_COUNT} times ${CHUNKS_PER_PACK} chunks`,
  make(directory) {
    for (const name of ["packs", "cache", "sessions"]) mkdirSync(join(directory, name));
    const catalog = new Catalog(directory, join(directory, CATALOG_FILE));
    try {
      for (let index = 0; index < PACK_COUNT; index += 1) {
        const { id } = catalog.acquirePack();
        const lengthBytes = CHUNKS_PER_PACK * CHUNK_BYTES;
        catalog.commit(
          {
            packs: [{ id, rows: rowsOf(index), lengthBytes }],
            synced: [{ id, lengthBytes }],
            bootId: undefined,
          },
          "full",
        );
      }
    } finally {
      catalog.close();
    }
  },
};

/**
 * Returns digests that the catalog lists, the same number from each pack and in no order.
 * @param {number} count
 */
export function listedDigests(count) {
  const perPack = Math.ceil(count / PACK_COUNT);
  const step = Math.floor(CHUNKS_PER_PACK / perPack);
  const digests = Array.from({ length: PACK_COUNT }, (_, pack) => {
    const all = digestsOf(pack);
    return Array.from({ length: perPack }, (_, index) => digestAt(all, index * step));
  });
  return Array.from(
    { length: count },
    (_, index) =>
      /** @type {Buffer} */ (digests[index % PACK_COUNT]?.[Math.floor(index / PACK_COUNT)]),
  );
}

/**
 * Returns digests that the catalog does not list.
 * @param {number} count
 */
export function unlistedDigests(count) {
  const all = new SeededRandom(SEED, PACK_COUNT).bytes(count * DIGEST_BYTES);
  return Array.from({ length: count }, (_, index) => digestAt(all, index));
}

/** @param {number} pack */
function rowsOf(pack) {
  const digests = digestsOf(pack);
  const table = new ChunkTable();
  for (let index = 0; index < CHUNKS_PER_PACK; index += 1) {
    table.add(digestAt(digests, index), index * CHUNK_BYTES, CHUNK_BYTES, CHUNK_KINDS.data, 0n);
  }
  return table.bytes;
}

/** @param {number} pack */
function digestsOf(pack) {
  return new SeededRandom(SEED, pack).bytes(CHUNKS_PER_PACK * DIGEST_BYTES);
}

/**
 * @param {Buffer} digests
 * @param {number} index
 */
function digestAt(digests, index) {
  return digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
}
