/**
 * Snapshot calls: capturing, finding, comparing, restoring and removing. Thin: they forward to functions.
 */
import type { ImageFileOptions, ImageFileReport } from "../image/write-image-file.js";
import type { CaptureReport } from "../model/capture-report.js";
import type { RestoreOptions } from "../restore/restore.js";
import type { RestoreReport } from "../restore/restore-report.js";
import type { CaptureOptions } from "../snapshot/capture.js";
import type { Change } from "../snapshot/diff.js";
import { diffRoots } from "../snapshot/diff.js";
import { withReserve } from "../snapshot/reserve.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { SnapshotQuery } from "../snapshot/snapshot-filter.js";
import { snapshotMatcher } from "../snapshot/snapshot-filter.js";
import type { StoreStats } from "../snapshot/store-stats.js";
import { storeStats } from "../snapshot/store-stats.js";
import { lazily } from "./lazily.js";
import { StoreHandle } from "./store-handle.js";

/** Half of what the library takes to load is for reading and writing directories: it is loaded when needed. */
const withCapture = lazily(() => import("../snapshot/capture.js"));
const withImages = lazily(() => import("../image/write-image-file.js"));
const withRestore = lazily(() => import("../restore/restore.js"));

/** What a capture gives. */
export interface SnapshotResult {
  /** The new snapshot, registered and readable while the store is open. */
  readonly snapshot: Snapshot;
  /** What was read, stored and, above all, left out. */
  readonly report: CaptureReport;
}

/** What a power cut took of a store. */
export interface PowerLoss {
  /** When it was found. */
  readonly foundAt: Date;
  /** The snapshots that are gone, oldest first. */
  readonly snapshots: readonly {
    /** As in `Snapshot`. */
    readonly id: string;
    /** The name that it had; it is free again. */
    readonly name?: string;
    /** The directory that was captured. */
    readonly source: string;
    /** When it was captured. */
    readonly createdAt: Date;
  }[];
}

/** How a snapshot is removed. */
export interface RemoveOptions {
  /** Whether its children become its parents'; otherwise a snapshot with children is refused. @default false */
  readonly reparent?: boolean;
}

/** The calls of a store that are about its snapshots. */
export class SnapshotCalls extends StoreHandle {
  /**
   * Captures a directory as it stands.
   *
   * Files that nothing touched since the last capture of this directory are not read again. Costs a look
   * at every name, and reading and hashing what changed.
   *
   * @param directory an existing directory outside the store; a store within it is left out
   * @returns the snapshot and the account of what was read, stored and left out
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, UNREADABLE, SOURCE_VANISHED, NAME_TAKEN, DISK_FULL,
   * STORE_BUSY, ABORTED, IO; UNSUPPORTED where a file has too many hard links; nothing is registered then
   * @example
   * const { snapshot, report } = await store.snapshot("project", { name: "before" });
   * console.log(snapshot.digest, report.bytesNew);
   */
  async snapshot(directory: string, options: CaptureOptions = {}): Promise<SnapshotResult> {
    const engine = this.use();
    const capturing = withCapture(({ capture }) => capture(engine, directory, options));
    const { row, report } = await this.track(capturing);
    return { snapshot: new Snapshot(row, engine), report };
  }

  /**
   * Returns the snapshots that match, newest first.
   */
  async snapshots(query: SnapshotQuery = {}): Promise<Snapshot[]> {
    const engine = this.use();
    const matches = snapshotMatcher(query);
    const found: Snapshot[] = [];
    for (const row of engine.catalog.snapshots.all()) {
      if (found.length >= (query.limit ?? Number.POSITIVE_INFINITY)) break;
      if (matches(row)) found.push(new Snapshot(row, engine));
    }
    return found;
  }

  /**
   * Returns the snapshot of an id, a name, a digest, or a unique prefix of an id or digest.
   *
   * @throws {CoppiceError} NOT_FOUND; AMBIGUOUS, naming what it could be
   */
  async get(reference: string): Promise<Snapshot> {
    const engine = this.use();
    return new Snapshot(this.rowOf(reference), engine);
  }

  /**
   * Removes a snapshot. What other snapshots share stays.
   *
   * @throws {CoppiceError} NOT_FOUND; IN_USE where it is a parent of others, pinned, or stood on by a workspace, naming what is in the way
   */
  async remove(snapshot: Snapshot | string, options: RemoveOptions = {}): Promise<void> {
    const engine = this.use();
    const { id } = this.rowOf(snapshot);
    withReserve(engine, () => engine.catalog.snapshots.remove(id, options.reparent ?? false));
  }

  /** Returns what the store holds and what it costs. Reads the whole chunk table. */
  async stats(): Promise<StoreStats> {
    return storeStats(this.use());
  }

  /**
   * What the last power cut took, or `undefined` where none ever took anything. It is found by the first
   * capture or restore after it, in whatever process, and kept until another one takes something: snapshots
   * captured with `relaxed` durability, none of which a `full` one followed.
   *
   * @throws {CoppiceError} STORE_CLOSED, CORRUPT, IO
   * @example
   * for (const { id, source } of store.powerLoss?.snapshots ?? []) console.warn(`${id} of ${source} is lost`);
   */
  get powerLoss(): PowerLoss | undefined {
    const loss = this.use().catalog.losses.powerLoss;
    if (loss === undefined) return undefined;
    return {
      foundAt: new Date(loss.foundMs),
      snapshots: loss.snapshots.map(({ createdMs, ...each }) => ({
        ...each,
        createdAt: new Date(createdMs),
      })),
    };
  }

  /**
   * Brings a directory to a snapshot's state.
   *
   * A directory that is missing or empty is filled. Another one is compared first: what is equal is not
   * touched and keeps its inode and times; files are replaced by rename, so that a crash leaves the old or
   * the new file; nothing is written through a symbolic link. What the snapshot left out by `exclude` or
   * `gitignore` stays.
   *
   * @throws {CoppiceError} NOT_FOUND, TARGET_NOT_EMPTY, NOT_A_DIRECTORY, NOT_OWNER, UNREADABLE, CORRUPT, DISK_FULL, ABORTED, IO;
   * what was done until then stays, and restoring again goes on from there
   * @example
   * const plan = await store.restore("before", "project", { plan: true });
   * console.log(plan.changes);
   */
  async restore(
    snapshot: Snapshot | string,
    directory: string,
    options: RestoreOptions = {},
  ): Promise<RestoreReport> {
    const engine = this.use();
    const row = this.rowOf(snapshot);
    return this.track(withRestore(({ restore }) => restore(engine, row, directory, options)));
  }

  /**
   * Writes a snapshot as an image: one file with a read-only EROFS file system that has everything in it, ready as
   * the root disk of a virtual machine, or to be mounted. Equal snapshots give equal bytes.
   *
   * The file is for its owner alone (0600), and has content only when all of it is there. Costs what reading and
   * writing the snapshot's files does, equal ones of more than 4 KiB once. Takes 200 MB of memory for 100,000 entries with
   * files of any size, and 0.6 KB for each further entry.
   *
   * @param file missing or empty, outside the store; its directory exists
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, TARGET_NOT_EMPTY, INVALID_ARGUMENT; UNSUPPORTED for a name or a link's target
   * that EROFS cannot hold; CORRUPT, DISK_FULL, ABORTED, IO; no file is left then, and one that was to be replaced stays
   * @throws {TypeError} where the UUID is none
   * @example
   * const { sizeBytes } = await store.image("before", "root.erofs");
   */
  async image(
    snapshot: Snapshot | string,
    file: string,
    options: ImageFileOptions = {},
  ): Promise<ImageFileReport> {
    const engine = this.use();
    const row = this.rowOf(snapshot);
    return this.track(
      withImages(({ writeImageFile }) => writeImageFile(engine, row, file, options)),
    );
  }

  /**
   * Yields what changed from one snapshot to another, sorted by path. Subtrees that both share are not read.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, CORRUPT
   */
  async *diff(before: Snapshot | string, after: Snapshot | string): AsyncGenerator<Change> {
    const { objects } = this.use();
    yield* diffRoots(objects, this.rowOf(before).digest, this.rowOf(after).digest);
  }
}
