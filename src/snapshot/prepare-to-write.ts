/**
 * Prepare to write: what a capture or a restore does first.
 */
import type { Engine } from "./engine.js";
import type { DamagedPacks } from "./inspect-packs.js";
import { inspectPacks } from "./inspect-packs.js";
import { recover } from "./recover.js";
import { startWriting } from "./start-writing.js";

/**
 * Starts to write to a store: clears what dead processes left, recovers from a power cut, and looks for
 * damaged packs.
 *
 * @throws {CoppiceError} STORE_REPLACED, STORE_BUSY, DISK_FULL, IO
 */
export function prepareToWrite(engine: Pick<Engine, "catalog" | "disk" | "objects" | "chunks">): {
  readonly damaged: DamagedPacks;
  /** What people should know. */
  readonly remarks: readonly string[];
} {
  engine.catalog.requireInPlace();
  startWriting(engine);
  const losses = recover(engine);
  const damaged = inspectPacks(engine);
  engine.chunks.closeOthers((pack) => damaged.packs.has(pack));
  return { damaged, remarks: [...losses, ...damaged.remarks] };
}
