/**
 * Gc report: the account of a collection.
 */

/** What a collection did, or would do. */
export interface GcReport {
  /** Whether it only looked. */
  readonly dryRun: boolean;
  /** Snapshots that are there. */
  readonly snapshots: number;
  /** Chunks that stay. */
  readonly chunksKept: number;
  /** Their bytes. */
  readonly bytesKept: number;
  /** Chunks that nothing needs: they went, or would. */
  readonly chunksRemoved: number;
  /** Their bytes. */
  readonly bytesRemoved: number;
  /** Packs whose files went. */
  readonly packsRemoved: number;
  /** Packs of which what counts was copied into others. */
  readonly packsCopied: number;
  /** Packs that gave blocks back in place. */
  readonly packsPunched: number;
  /** Packs without anything that counts, whose files stay until nobody reads from them. */
  readonly packsWaiting: number;
  /** Images and checkouts that no workspace needs. */
  readonly layersRemoved: number;
  /** By how much less the store takes on the disk, without the catalog. 0 where it only looked. */
  readonly bytesFreed: number;
  /**
   * Ids of the snapshots of which a directory or a list of chunks is damaged or missing, the newest first. While there are any nothing goes, since what
   * lies below is not known, and a repair may find it again.
   */
  readonly blockedBy: readonly string[];
  /** What people should know. */
  readonly remarks: readonly string[];
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}
