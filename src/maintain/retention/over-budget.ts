/**
 * Over budget: which snapshots go so that the others fit into a number of bytes.
 */
import { DIGEST_BYTES } from "../../model/digest.js";
import type { Engine } from "../../snapshot/engine.js";
import { ReachableChunks, type ReachableRoot } from "../../tree/reachable-chunks.js";
import { heldRoots, snapshotRoots } from "../collect/live-roots.js";

/** A snapshot that may go, or that stays in any case. */
export interface BudgetEntry {
  readonly id: string;
  readonly mayGo: boolean;
}

/**
 * Returns which snapshots go, the oldest first, so that the chunks of the others come to at most a number of bytes; as many as may go,
 * where they do not. The newer one of two never goes for the older one. Reads the trees of those that stay, what they share once,
 * and looks up their chunks: 1 µs each, with all rows in memory meanwhile where these are at most 4 million. Yields now and then.
 *
 * @param entries the newest first
 * @param maxBytes of chunks, as they were before they got their rows in a pack's index
 * @throws {CoppiceError} CORRUPT
 */
export function* overBudget(
  { catalog, objects }: Pick<Engine, "catalog" | "objects">,
  entries: readonly BudgetEntry[],
  maxBytes: number,
): Generator<void, string[]> {
  let bytes = 0;
  // About all chunks will be looked up: those of which nothing is kept have just been collected.
  const places = catalog.chunks.locatorFor(Number.POSITIVE_INFINITY);
  const kept = new ReachableChunks(objects, {
    onObject: (object) => {
      bytes += object.length;
    },
    onData: (digest, at) => {
      const location = places.locate(digest.subarray(at, at + DIGEST_BYTES));
      bytes += location?.lengthBytes ?? 0;
    },
  });
  const rootsOf = ({ id }: BudgetEntry): ReachableRoot[] => {
    const row = catalog.snapshots.find(id);
    return row === undefined ? [] : snapshotRoots({ root: row.digest, record: row.record });
  };
  yield* kept.reach(heldRoots(catalog));
  const free = entries.filter(({ mayGo }) => mayGo);
  for (const entry of entries) if (!entry.mayGo) yield* kept.reach(rootsOf(entry));
  for (const [index, entry] of free.entries()) {
    yield* kept.reach(rootsOf(entry));
    if (bytes > maxBytes)
      return free
        .slice(index)
        .map(({ id }) => id)
        .reverse();
  }
  return [];
}
