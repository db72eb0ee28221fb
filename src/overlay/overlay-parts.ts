/**
 * Overlay parts: what all overlays of a store have in common.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { Engine } from "../snapshot/engine.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { StandingWriter } from "../snapshot/standing-writer.js";
import type { ChunkSource } from "../tree/content-reader.js";
import type { KeptRoots } from "./kept-roots.js";
import type { Caller } from "./posix/caller.js";
import type { WrittenMemory } from "./written-memory.js";

export interface OverlayParts {
  /** Returns the store's engine. @throws {CoppiceError} STORE_CLOSED */
  readonly engine: () => Engine;
  /** The store's objects; what was read last is in memory. */
  readonly objects: ChunkSource;
  /** What was written to all of them and lies in memory. */
  readonly memory: WrittenMemory;
  /** What they stand on. */
  readonly kept: KeptRoots;
  /** What snapshots are written with. */
  readonly writers: StandingWriter;
  /** Who makes what is made in them. */
  readonly owner: Omit<Caller, "tree">;
  /** Returns the row of a snapshot. @throws {CoppiceError} NOT_FOUND, AMBIGUOUS */
  readonly find: (snapshot: Snapshot | string) => SnapshotRow;
}
