/**
 * Archive calls: archives become snapshots. Thin: they forward to functions.
 */
import type { ArchiveSource, UnpackOptions, UnpackReport } from "../archive/unpack-options.js";
import type { RoomMade } from "../model/room-made.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { SnapshotOptions } from "../snapshot/snapshot-options.js";
import { lazily } from "./lazily.js";
import { MaintenanceCalls } from "./maintenance-calls.js";

export const withArchives = lazily(() => import("../archive/import.js"));

/** What importing an archive gives. */
export interface ImportResult {
  /** The new snapshot; it has no parent. */
  readonly snapshot: Snapshot;
  /** What was read, stored and left out. */
  readonly report: UnpackReport & RoomMade;
}

/** The calls of a store that are about archives, and those about its upkeep, workspaces and snapshots. */
export class ArchiveCalls extends MaintenanceCalls {
  /**
   * Makes a snapshot of what is in a tar archive: v7, ustar, GNU or pax, plain or compressed with gzip or zstd, which its
   * first bytes tell.
   *
   * Nothing of it is ever a file: what it names is a name in the snapshot or is refused, and so is what would lead out of it once it is
   * restored. Kept are modes, owners by number, modification times as exact as the archive has them, extended attributes,
   * hard links, holes, and names as bytes. Equal archives give equal digests, whoever imports them and when; that of a capture
   * of the same files.
   *
   * Costs reading the archive once, in a few pieces of memory; some 400 bytes of memory for each entry; and what a capture of
   * the same files would write.
   *
   * @param source a file's path, bytes, or a stream of bytes, which is read to its end, or destroyed where it is refused
   * @throws {CoppiceError} ARCHIVE_DAMAGED where it cannot be read; ARCHIVE_UNSAFE, whose `reason` is an `UnsafeReason`; ARCHIVE_TOO_LARGE,
   * whose `reason` is the limit; UNSUPPORTED for another format; NOT_FOUND, NAME_TAKEN, DISK_FULL, ABORTED, IO; STORE_BUSY, also where the source is a
   * stream, and collections take away meanwhile what it has in common with the store; nothing is registered then
   * @example
   * const { snapshot, report } = await store.import("sources.tar.gz", { name: "sources" });
   * console.log(snapshot.digest, report.entries, report.dropped.count);
   */
  async import(
    source: ArchiveSource,
    options: UnpackOptions & SnapshotOptions = {},
  ): Promise<ImportResult> {
    const engine = this.use();
    const importing = withArchives(({ importArchive }) => importArchive(engine, source, options));
    const { row, report } = await this.track(importing);
    return { snapshot: new Snapshot(row, engine), report };
  }
}
