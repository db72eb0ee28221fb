/**
 * Take in: has the catalog list chunks that were found, and the snapshots whose records are among them.
 */
import type { WrongRow } from "../../catalog/repair-table.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { sortByDigest } from "../../pack/sort-by-digest.js";
import type { Engine } from "../../snapshot/engine.js";
import { inTurns } from "../../threads/in-turns.js";
import { listedObjects } from "../check/check-snapshots.js";
import type { UnlistedChunks } from "./find-unlisted.js";
import { FoundObjects } from "./found-objects.js";
import { FoundPlaces } from "./found-places.js";
import { type FoundSnapshots, recordsIn, sortOut } from "./found-snapshots.js";
import { notListed } from "./not-listed.js";
import { type Look, lookForMissing } from "./restore-missing.js";
import { syncPacks } from "./sync-packs.js";

/** A pack with what was found in it, and its number. */
type OwnedChunks = UnlistedChunks & { readonly id: number };

/** Adds what was found, and forgets rows that are wrong, in one transaction: a record that is listed without its snapshot was removed. */
export function takeIn(
  engine: Engine,
  wrong: readonly WrongRow[],
  unlisted: readonly UnlistedChunks[],
): FoundSnapshots {
  const { catalog, disk } = engine;
  const packs = own(engine, unlisted);
  try {
    syncPacks(disk, packs);
    // What another session has taken meanwhile is not this one's to add.
    const found = findSnapshots(engine, packs);
    catalog.repairs.apply({ packs, wrong, snapshots: found.rows });
    return found;
  } catch (error) {
    catalog.releasePacks(packs.map(({ id }) => id));
    throw error;
  }
}

/** Returns the snapshots whose records are among what was found and is not listed. */
export function findSnapshots(engine: Engine, unlisted: readonly UnlistedChunks[]): FoundSnapshots {
  const { catalog, disk } = engine;
  const rows = unlisted.map((each) => notListed(catalog.chunks, each.rows));
  const objects = new FoundObjects(disk, catalog.storeId, unlisted, listedObjects(engine));
  return sortOut(objects, recordsIn(objects, rows), catalog.snapshots);
}

/** What a new catalog lists, and what snapshots miss then. */
export interface TakenAnew {
  readonly found: FoundSnapshots;
  readonly look: Look;
}

/**
 * Adds what was found to a catalog that is made anew and appears only when it is whole, and looks for what snapshots miss.
 *
 * @throws what `check` throws, now and then
 */
export async function takeInAnew(
  engine: Engine,
  unlisted: readonly UnlistedChunks[],
  isDryRun: boolean,
  check: () => void,
): Promise<TakenAnew> {
  if (!isDryRun) syncPacks(engine.disk, unlisted);
  const packs = own(engine, unlisted);
  const places = new FoundPlaces(packs);
  const found = await inTurns(fill(engine, packs, places), check);
  return { found, look: await lookForMissing(engine, { check }, places) };
}

/** A part at a time, and all chunks before the first snapshot, since they are found faster there. Yields now and then. */
function* fill(
  engine: Engine,
  packs: readonly OwnedChunks[],
  places: FoundPlaces,
): Generator<void, FoundSnapshots> {
  const { catalog } = engine;
  for (const part of partsByDigest(packs)) {
    catalog.repairs.fill(part);
    yield;
  }
  const rows = packs.map((pack) => pack.rows);
  const objects = listedObjects(engine, places);
  const found = sortOut(objects, recordsIn(objects, rows), catalog.snapshots);
  const listed = packs.map((pack) => ({ ...pack, rows: NO_ROWS }));
  catalog.repairs.apply({ packs: listed, wrong: [], snapshots: found.rows });
  return found;
}

const NO_ROWS = Buffer.alloc(0);

function own({ catalog }: Pick<Engine, "catalog">, unlisted: readonly UnlistedChunks[]) {
  catalog.beginWriting();
  return unlisted.flatMap((chunks): OwnedChunks[] => {
    const id = catalog.repairs.own(chunks.name);
    return id === undefined ? [] : [{ ...chunks, id }];
  });
}

/** Rows that are added in one go: some 15 ms. */
const PART_ROWS = 8192;
/** The first bytes of digests. */
const PARTS_MAX = 256;

/** Yields the rows of packs in parts, by the first bytes of their digests: so each page of the catalog is written once. */
function* partsByDigest(
  packs: readonly OwnedChunks[],
): Generator<readonly Pick<OwnedChunks, "id" | "rows">[]> {
  const sorted = packs.map(({ id, rows }) => ({ id, rows: sortByDigest(rows), at: 0 }));
  const count = packs.reduce((sum, { rows }) => sum + rows.length / CHUNK_ROW_BYTES, 0);
  const parts = Math.max(1, Math.min(PARTS_MAX, Math.ceil(count / PART_ROWS)));
  for (let part = 1; part <= parts; part++) {
    const end = (part * PARTS_MAX) / parts;
    yield sorted.map((pack) => {
      const { id, rows, at } = pack;
      while (pack.at < rows.length && rows[pack.at]! < end) pack.at += CHUNK_ROW_BYTES;
      return { id, rows: rows.subarray(at, pack.at) };
    });
  }
}
