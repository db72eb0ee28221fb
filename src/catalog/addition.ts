/**
 * Addition: what a commit adds to the catalog.
 */
import type { NewChunks } from "./chunk-index.js";
import type { Hold } from "./hold-table.js";
import type { SnapshotRow } from "./snapshot-table.js";

/** A directory that was captured or restored: its identity tells it from another one under its path. */
export interface KnownDirectory {
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
}

/** What one capture adds. */
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
  readonly snapshot?: SnapshotRow;
  /** Snapshots from which content was erased: what they are now, and their records' digests until now. */
  readonly erasures?: readonly { readonly row: SnapshotRow; readonly before: Buffer }[];
  /** Called under the write lock, before anything is changed; may throw. */
  readonly check?: () => void;
  readonly directory?: KnownDirectory;
  /** A workspace that is in the snapshot's state, and the root whose image it lies on. */
  readonly workspace?: { readonly id: string; readonly anchor: Buffer | undefined };
}
