/**
 * Remove snapshots: many at once, as far as nothing has come to need them.
 */
import type { Engine } from "../../snapshot/engine.js";
import { withReserve } from "../../snapshot/reserve.js";

/** Other processes wait while a batch goes: some 50 ms. */
const BATCH_SNAPSHOTS = 200;

/**
 * Removes snapshots and hands their children to their parents. What was pinned or forked meanwhile stays.
 *
 * @param check called between batches; may throw
 * @returns the ids of those that went
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export async function removeSnapshots(
  engine: Pick<Engine, "catalog" | "disk">,
  ids: readonly string[],
  check: (done: number) => void,
): Promise<string[]> {
  const gone: string[] = [];
  for (let at = 0; at < ids.length; at += BATCH_SNAPSHOTS) {
    check(at);
    const batch = ids.slice(at, at + BATCH_SNAPSHOTS);
    gone.push(...withReserve(engine, () => engine.catalog.snapshots.removeUnused(batch)));
    await new Promise(setImmediate);
  }
  return gone;
}
