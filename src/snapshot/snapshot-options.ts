/**
 * Snapshot options: what every snapshot can be given, and what capturing what was forked gives, be it a workspace or an
 * overlay.
 */
import type { Durability } from "../model/options.js";
import type { RoomMade } from "../model/room-made.js";
import type { Snapshot } from "./snapshot.js";

/** How a snapshot is made. */
export interface SnapshotOptions {
  /** A name for the snapshot, unique in the store. */
  readonly name?: string;
  /** Free words for people and programs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default "full" */
  readonly durability?: Durability;
}

/** What capturing a workspace or an overlay gives. */
export interface CapturedState extends RoomMade {
  /** The new snapshot; the last one where nothing changed since, unless a name or labels were given. */
  readonly snapshot: Snapshot;
  /** Whether the state is that of the last snapshot. */
  readonly isUnchanged: boolean;
  /** Files that were read: of a workspace those that something touched since the last snapshot, of an overlay those that were written to. */
  readonly filesRead: number;
  /** Bytes read from them. */
  readonly bytesRead: number;
  /** Bytes of chunks and trees that the store did not have. */
  readonly bytesNew: number;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
