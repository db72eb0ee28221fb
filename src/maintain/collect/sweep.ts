/**
 * Sweep: takes the rows of dead chunks out of the catalog. Their bytes stay where they are for now.
 */
import { LOCATED_PACK_AT } from "../../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import { decodePlace } from "../../pack/chunk-table.js";
import type { Engine } from "../../snapshot/engine.js";
import { atOnce } from "../../threads/in-turns.js";
import type { ReachableChunks } from "../../tree/reachable-chunks.js";
import { visitListed } from "../check/listed-rows.js";
import { liveRoots } from "./live-roots.js";

/** Other processes wait while a batch is removed: a tenth of a second. */
const BATCH_CHUNKS = 20_000;
/** On a full disk the log of a transaction must fit into what little is left. */
const BATCH_CHUNKS_MIN = 8;

/** What a look at all chunks finds. */
export interface Census {
  readonly live: { chunks: number; bytes: number };
  readonly dead: { chunks: number; bytes: number };
  /** Digests of dead trees, lists, roots and records, one after the other; and of file data. */
  readonly objects: Buffer[];
  readonly data: Buffer[];
  /** Chunks that were reached as what refers to nothing. */
  liveData: number;
  /** The packs in which dead chunks lie. */
  readonly packs: Set<number>;
}

/** Tells the dead from the living; yields now and then. */
export function* takeCensus(
  engine: Pick<Engine, "catalog">,
  live: Pick<ReachableChunks, "has" | "hasData">,
): Generator<void, Census> {
  const census: Census = {
    live: { chunks: 0, bytes: 0 },
    dead: { chunks: 0, bytes: 0 },
    objects: [],
    data: [],
    liveData: 0,
    packs: new Set(),
  };
  yield* visitListed(engine, (rows, at) => {
    const { kind, lengthBytes } = decodePlace(0, rows, at + DIGEST_BYTES);
    const isLive = live.has(rows, at);
    if (live.hasData(rows, at)) census.liveData++;
    const sums = isLive ? census.live : census.dead;
    sums.chunks++;
    sums.bytes += lengthBytes;
    if (isLive) return;
    census.packs.add(rows.readUInt32BE(at + LOCATED_PACK_AT));
    const list = kind === CHUNK_KINDS.data ? census.data : census.objects;
    list.push(rows.subarray(at, at + DIGEST_BYTES));
  });
  return census;
}

/**
 * Removes dead chunks, what refers to others first; those that something refers to meanwhile stay.
 *
 * @param live completed with what comes to stay
 * @param onRemoved called after each batch, with how many chunks have gone
 * @returns how many went; yields after each batch
 */
export function* sweep(
  { catalog }: Pick<Engine, "catalog">,
  live: Pick<ReachableChunks, "has" | "reach">,
  { objects, data }: Census,
  onRemoved: (count: number) => void,
): Generator<void, number> {
  let removed = 0;
  let batch = BATCH_CHUNKS;
  for (const digests of [objects, data]) {
    for (let at = 0; at < digests.length; ) {
      try {
        removed += catalog.collection.removeChunks(
          Buffer.concat(digests.slice(at, at + batch)),
          () => atOnce(live.reach(liveRoots(catalog))),
          (bytes, digestAt) => live.has(bytes, digestAt),
        );
      } catch (error) {
        const isFull = error instanceof CoppiceError && error.code === "DISK_FULL";
        if (!isFull || batch <= BATCH_CHUNKS_MIN) throw error;
        batch = Math.max(BATCH_CHUNKS_MIN, Math.floor(batch / 8));
        catalog.shortenLog();
        continue;
      }
      at += batch;
      onRemoved(removed);
      yield;
    }
  }
  return removed;
}
