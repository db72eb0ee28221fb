/**
 * Require stored: whether all that is about to be referred to is still there, once chunks were removed while it was written.
 */
import { missingChunk } from "../catalog/chunk-locator.js";
import { CoppiceError } from "../model/error.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import { chunkRows } from "../pack/chunk-table.js";
import type { WrittenPack } from "../pack/chunk-writer.js";
import { atOnce } from "../threads/in-turns.js";
import type { ReachableRoot } from "../tree/reachable-chunks.js";
import { ReachableChunks } from "../tree/reachable-chunks.js";
import type { Engine } from "./engine.js";

/** How often something is written again that lost a chunk to a collection. */
const ATTEMPTS_MAX = 5;

/** Thrown where a chunk that was known when it was asked for has been removed since: what relies on it is written again. */
class ChunkCollected extends Error {
  override readonly name = "ChunkCollected";
}

/**
 * Looks for everything that some roots refer to, in the store and in what was written. Reads all their objects.
 *
 * @throws {ChunkCollected} where something is not there
 * @throws {CoppiceError} CORRUPT, IO
 */
export function requireStored(
  { catalog, chunks }: Pick<Engine, "catalog" | "chunks">,
  roots: readonly ReachableRoot[],
  written: readonly WrittenPack[],
): void {
  const own = new Map<string, ChunkLocation>();
  for (const { id, rows } of written)
    for (const row of chunkRows(rows, id)) own.set(row.digest.toString("latin1"), row);
  const locate = (digest: Buffer) => {
    const place = own.get(digest.toString("latin1")) ?? catalog.chunks.locate(digest);
    if (place === undefined) throw new ChunkCollected(missingChunk(digest).message);
    return place;
  };
  const objects = {
    readObject(digest: Buffer) {
      const place = locate(digest);
      const bytes = Buffer.allocUnsafe(place.lengthBytes);
      chunks.readInto(digest, place, bytes);
      return bytes;
    },
  };
  const reached = new ReachableChunks(objects, {
    onData: (bytes, at) => void locate(bytes.subarray(at, at + 32)),
  });
  atOnce(reached.reach(roots));
}

/**
 * Does something that writes to the store; once more, where a collection took away meanwhile what it relied on.
 *
 * @param attemptsMax 1 for what cannot be done again
 * @throws {CoppiceError} STORE_BUSY where that happens again and again
 */
export async function unlessCollected<T>(
  attempt: () => Promise<T>,
  attemptsMax = ATTEMPTS_MAX,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      requireCollected(error, attempts, attemptsMax);
    }
  }
}

/** As `unlessCollected`, at once. */
export function unlessCollectedAtOnce<T>(attempt: () => T): T {
  for (let attempts = 1; ; attempts++) {
    try {
      return attempt();
    } catch (error) {
      requireCollected(error, attempts, ATTEMPTS_MAX);
    }
  }
}

function requireCollected(error: unknown, attempts: number, attemptsMax: number): void {
  if (!(error instanceof ChunkCollected)) throw error;
  if (attempts < attemptsMax) return;
  throw new CoppiceError(
    "STORE_BUSY",
    `Cannot write to the store: collections removed what it relied on (attempt ${attempts}), try again when none runs`,
    { cause: error },
  );
}
