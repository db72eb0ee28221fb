/**
 * Prepare to write: what a capture or a restore does first.
 */
import type { Engine } from "./engine.js";
import type { DamagedPacks } from "./inspect-packs.js";
import { inspectPacks } from "./inspect-packs.js";
import { recover } from "./recover.js";

/** A cache that was being written (see `Disk.replace`). */
const UNFINISHED_CACHE = /^[0-9a-f]{32}\.stat\.[0-9a-f]{16}\.tmp$/;

/**
 * Starts to write to a store: clears what dead processes left, recovers from a power cut, and looks for
 * damaged packs.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function prepareToWrite(engine: Pick<Engine, "catalog" | "disk" | "objects">): {
  readonly damaged: DamagedPacks;
  /** What people should know. */
  readonly remarks: readonly string[];
} {
  const { catalog, disk } = engine;
  catalog.beginWriting(() => {
    for (const name of disk.list("cache"))
      if (UNFINISHED_CACHE.test(name)) disk.remove(`cache/${name}`);
  });
  const losses = recover(engine);
  const damaged = inspectPacks(engine);
  return { damaged, remarks: [...losses, ...damaged.remarks] };
}
