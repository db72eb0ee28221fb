/**
 * Driver: a way in which a workspace's directory comes to be. All of them do the same for those who use it.
 *
 * | name | what the directory is | needs |
 * | --- | --- | --- |
 * | `overlayfs` | an overlay of the kernel's on images of the snapshot | Linux 6.12, CAP_SYS_ADMIN |
 * | `overlayfs-checkout` | an overlay on directories that hold the snapshot | Linux 5.10, CAP_SYS_ADMIN |
 * | `clone` | files of its own, which share the store's blocks until they are written | XFS, btrfs or bcachefs |
 * | `copy` | files of its own | nothing |
 */

import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import type { Durability } from "../model/options.js";
import type { RoomMade } from "../model/room-made.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/** Names a driver. */
export type DriverName = "overlayfs" | "overlayfs-checkout" | "clone" | "copy";

/** The drivers, best first. */
export const DRIVER_NAMES: readonly DriverName[] = [
  "overlayfs",
  "overlayfs-checkout",
  "clone",
  "copy",
];

/** What a try fails with for another reason than that it cannot be done here. */
export const PASSING: ReadonlySet<string> = new Set([
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
]);

/** A driver on one store. */
export interface Driver {
  readonly name: DriverName;
  /** Whether it can show a snapshot in a directory that nobody can write to. */
  readonly canBeReadOnly: boolean;
  /**
   * Returns what keeps it from working here, with the remedy, or `undefined`. It is tried, once for each store and,
   * where that matters, file system.
   *
   * @param directory an existing one, in which or below which the workspace is to be
   * @throws {NodeJS.ErrnoException} of `PASSING`: what it is tried with cannot be made now
   */
  problem(directory: string): Promise<string | undefined>;
  /** Returns the files of a workspace, whether they are there or not. Costs nothing. */
  files(workspace: Pick<WorkspaceRow, "id" | "path">): WorkspaceFiles;
}

/** The files of one workspace. Calls come one after the other. */
export interface WorkspaceFiles {
  /**
   * Makes them what a snapshot holds, and puts the row into the catalog. When it fails, all is as before, or the
   * row says that the files are not whole.
   *
   * @param row what the catalog is to say then
   * @param state the row's base
   * @throws {CoppiceError} WORKSPACE_BUSY, CORRUPT, DISK_FULL, NAME_TAKEN, NOT_FOUND, UNSUPPORTED, ABORTED, IO
   */
  reset(row: WorkspaceRow, state: SnapshotRow, signal: AbortSignal | undefined): Promise<void>;
  /**
   * Makes files that are there usable by this process, and notes the row.
   *
   * @param base the row's
   * @param accepts whether to take them as they stand where a crash of the machine may have damaged them
   * @throws {CoppiceError} WORKSPACE_DIRTY, NOT_FOUND where they are gone, CORRUPT, DISK_FULL, IO
   */
  resume(row: WorkspaceRow, base: SnapshotRow, accepts: boolean): Promise<void>;
  /**
   * Captures them as they stand.
   *
   * @throws {CoppiceError} UNREADABLE, NAME_TAKEN, DISK_FULL, STORE_BUSY, IO
   */
  capture(request: FilesCapture): Promise<CapturedFiles>;
  /** Returns their state as it stands, in memory over what is stored. */
  look(): Promise<FilesState>;
  /**
   * Takes them away, and the row.
   *
   * @param isForced also where programs use them
   * @throws {CoppiceError} WORKSPACE_BUSY, IO; a row that stays says that the files are not whole
   */
  remove(row: WorkspaceRow, isForced: boolean): Promise<void>;
}

/** What a workspace is captured as. */
export interface FilesCapture {
  /** The snapshot that it was last in the state of. */
  readonly head: SnapshotRow;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly durability: Durability | undefined;
}

/** What capturing a workspace came to. */
export interface CapturedFiles extends RoomMade {
  /** The new snapshot; the head where nothing changed and neither name nor labels were given. */
  readonly row: SnapshotRow;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly bytesNew: number;
}

/** The state of a workspace's files. */
export interface FilesState {
  /** Has the state's objects. */
  readonly objects: ObjectSource;
  /** Of its root. */
  readonly digest: Buffer;
}
