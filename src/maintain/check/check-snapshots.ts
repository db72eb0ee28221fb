/**
 * Check snapshots: whether all that snapshots consist of can be read and is listed: records, roots, trees, lists, and that the
 * bytes of files lie somewhere. What they share is read once.
 */
import { type ChunkLocator, missingChunk } from "../../catalog/chunk-locator.js";
import type { SnapshotRow } from "../../catalog/snapshot-table.js";
import { CoppiceError } from "../../model/error.js";
import type { ChunkLocation } from "../../pack/chunk-location.js";
import type { Engine } from "../../snapshot/engine.js";
import { decodeSnapshotRecord } from "../../snapshot/record-codec.js";
import { inTurns } from "../../threads/in-turns.js";
import { ReachableChunks } from "../../tree/reachable-chunks.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import { checkObject } from "./check-object.js";
import { readOrDamaged } from "./is-damage.js";
import { visitListed } from "./listed-rows.js";

/** Told of what is wrong. */
export interface SnapshotWatcher {
  /** The catalog does not list a chunk. */
  onMissing(digest: Buffer): void;
  /** An object, or a snapshot's record, is damaged or makes no sense. */
  onDamaged(digest: Buffer): void;
  /** A snapshot's record says something else than the catalog. */
  onOther(row: SnapshotRow, message: string): void;
  /** So many chunks have been reached. */
  onReached(chunks: number): void;
}

/**
 * Checks snapshots. Costs reading all their trees, and a look at the row of each chunk.
 *
 * @param objects see `listedObjects`
 * @throws what `check` throws, now and then
 */
export async function checkSnapshots(
  engine: Pick<Engine, "catalog" | "chunks">,
  rows: readonly SnapshotRow[],
  objects: ObjectSource,
  watcher: SnapshotWatcher,
  check: () => void,
): Promise<void> {
  const { catalog } = engine;
  const tell = (digest: Buffer) => {
    if (catalog.chunks.has(digest)) watcher.onDamaged(digest);
    else watcher.onMissing(digest);
  };
  const roots = rows.map(({ digest }) => ({ digest, role: "root" as const }));
  const look = () => {
    check();
    watcher.onReached(reached.count);
  };
  const onDamage = (digest: Buffer) => tell(Buffer.from(digest));
  const reached = new ReachableChunks(objects, { onObject: checkObject, onDamage });
  await inTurns(reached.reach(roots), look);
  await inTurns(findMissing(engine, reached, watcher.onMissing), check);
  for (const row of rows) {
    check();
    try {
      const problem = otherThan(row, objects.readObject(row.record));
      if (problem !== undefined) watcher.onOther(row, problem);
    } catch (error) {
      if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
      tell(row.record);
    }
  }
}

/**
 * Returns objects by digest, from where the catalog lists them now. It looks twice: what was moved while it was read is in its new
 * place then. What cannot be read is `CORRUPT`, as what is damaged.
 *
 * @param hints where they lay a while ago, by which the first look is quicker
 */
export function listedObjects(
  { catalog, chunks }: Pick<Engine, "catalog" | "chunks">,
  hints?: ChunkLocator | undefined,
): ObjectSource {
  const readObject = (digest: Buffer, hint?: ChunkLocation): Buffer => {
    const place = hint ?? catalog.chunks.locate(digest);
    if (place === undefined) throw missingChunk(digest);
    const bytes = Buffer.allocUnsafe(place.lengthBytes);
    chunks.readInto(digest, place, bytes);
    return bytes;
  };
  return {
    readObject(digest) {
      try {
        return readObject(digest, hints?.locate(digest));
      } catch {
        return readOrDamaged(digest, () => readObject(digest));
      }
    },
  };
}

/**
 * Tells which of the chunks that were reached as what refers to nothing are not listed. They are counted, in one pass over all rows; only
 * where some are missing is each looked up.
 */
export function* findMissing(
  { catalog }: Pick<Engine, "catalog">,
  reached: ReachableChunks,
  onMissing: (digest: Buffer) => void,
): Generator<void, void> {
  let count = 0;
  yield* visitListed({ catalog }, (rows, at) => {
    if (reached.hasData(rows, at)) count++;
  });
  if (count === reached.dataCount) return;
  for (const digest of reached.data) {
    if (!catalog.chunks.has(digest)) onMissing(Buffer.from(digest));
    yield;
  }
}

/** What a record says that its row does not. Name and parents are the catalog's own: both may have changed since. */
function otherThan(row: SnapshotRow, bytes: Buffer): string | undefined {
  const record = decodeSnapshotRecord(bytes);
  const isEqual =
    record.id === row.id &&
    record.digest.equals(row.digest) &&
    record.stateDigest.equals(row.stateDigest) &&
    record.createdMs === row.createdMs &&
    record.entryCount === row.entryCount &&
    record.totalBytes === row.totalBytes;
  return isEqual ? undefined : `the record of snapshot ${row.id} is of another one`;
}
