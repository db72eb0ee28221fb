/**
 * Addition: what a capture adds to the catalog, and why it may not be added.
 */
import type { NewChunks } from "./chunk-index.js";
import type { Hold } from "./hold-table.js";
import type { SnapshotRow } from "./snapshot-table.js";

/** A pack that its owner may append to. */
export interface OwnedPack {
  readonly id: number;
  readonly name: string;
  /** Its committed length: appending starts here. */
  readonly lengthBytes: number;
  /** How much of that is on stable storage; where that is something, the file's name is too. */
  readonly syncedBytes: number;
}

/** A directory that was captured or restored: its identity tells it from another one under its path. */
export interface KnownDirectory {
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
}

/** A snapshot, and what is in its state. */
export interface AddedSnapshot {
  readonly row: SnapshotRow;
  /** A directory, to be known again. */
  readonly directory?: KnownDirectory;
  /** A workspace, and the root whose image it lies on. */
  readonly workspace?: { readonly id: string; readonly anchor: Buffer | undefined };
}

/** What one commit adds. */
export interface Addition {
  /** Packs that were appended to, with their new lengths and the chunks that are new in them. */
  readonly packs: readonly (NewChunks & { readonly lengthBytes: number })[];
  /** Whether they stay owned. @default false: they are given back */
  readonly keepsPacks?: boolean;
  /** Packs that were synced up to a length: with `full` durability all that have committed bytes. */
  readonly synced: readonly { readonly id: number; readonly lengthBytes: number }[];
  /** In which boot of the machine the packs were written. */
  readonly bootId: string | undefined;
  /** `Catalog.collection.removals` from before the first chunk was taken for known. */
  readonly removals?: number;
  /** What the session needs although no snapshot refers to it. */
  readonly holds?: readonly Hold[];
  readonly snapshots?: readonly AddedSnapshot[];
  /** Snapshots from which content was erased: what they are now, and their records' digests until now. */
  readonly erasures?: readonly { readonly row: SnapshotRow; readonly before: Buffer }[];
  /** Called under the write lock, before anything is changed; may throw. */
  readonly check?: () => void;
}

/** Thrown by a commit that would rely on chunks which may have been removed meanwhile; nothing is changed. */
export class RemovalsMoved extends Error {
  override readonly name = "RemovalsMoved";
  /** How many there have been. */
  readonly removals: number;

  constructor(removals: number) {
    super(`Chunks were removed: ${removals}`);
    this.removals = removals;
  }
}

/** Thrown where a pack cannot go now, although nothing in it counts. */
export class PackInUse extends Error {
  override readonly name = "PackInUse";
}
