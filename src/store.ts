/**
 * Store: the handle on one directory on disk that holds snapshots. Thin: it forwards to functions.
 */
import type { SnapshotRow } from "./catalog/snapshot-table.js";
import type { CaptureReport } from "./model/capture-report.js";
import { CoppiceError } from "./model/error.js";
import type { RestoreOptions } from "./restore/restore.js";
import type { RestoreReport } from "./restore/restore-report.js";
import type { CaptureOptions } from "./snapshot/capture.js";
import type { Change } from "./snapshot/diff.js";
import { diffRoots } from "./snapshot/diff.js";
import type { Engine } from "./snapshot/engine.js";
import { closeEngine, openEngine } from "./snapshot/engine.js";
import { findSnapshot } from "./snapshot/find-snapshot.js";
import { Snapshot } from "./snapshot/snapshot.js";
import type { SnapshotQuery } from "./snapshot/snapshot-filter.js";
import { snapshotMatcher } from "./snapshot/snapshot-filter.js";
import type { StoreStats } from "./snapshot/store-stats.js";
import { storeStats } from "./snapshot/store-stats.js";
import type { AttachOptions, ForkOptions } from "./workspace/fork.js";
import type { Workspace } from "./workspace/workspace.js";
import type { WorkspaceInfo } from "./workspace/workspace-info.js";
import { workspaceInfo } from "./workspace/workspace-info.js";

/** Half of what the library takes to load is for reading and writing directories: it is loaded when needed. */
const withCapture = lazily(() => import("./snapshot/capture.js"));
const withRestore = lazily(() => import("./restore/restore.js"));
const withWorkspaces = lazily(() => import("./workspace/workspaces.js"));

/** How a store is opened. */
export interface StoreOptions {
  /**
   * Whether a directory that is missing or empty becomes a new store.
   * @default true
   */
  readonly create?: boolean;
}

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
  /** Whether its children become its parent's; otherwise a snapshot with children is refused. @default false */
  readonly reparent?: boolean;
}

/**
 * The handle on one directory on disk that holds snapshots; several handles and processes may have it open
 * at once. Whoever opens it closes it; every method but `close` throws STORE_CLOSED afterwards.
 */
export class Store {
  /** The store's directory, absolute, with symbolic links resolved. */
  readonly directory: string;
  readonly #engine: Engine;
  /** Captures and restores under way. */
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.directory = engine.directory;
  }

  /**
   * Opens a store.
   *
   * @param directory where it lies; its files are made for their owner alone (0700, 0600)
   * @throws {CoppiceError} NOT_A_STORE where the directory has other content; STORE_TOO_NEW, NOT_OWNER, STORE_BUSY,
   * CORRUPT, UNSUPPORTED
   * @example
   * const store = await Store.open("/var/lib/snapshots");
   * try {
   *   await store.snapshot("project");
   * } finally {
   *   await store.close();
   * }
   */
  static async open(directory: string, options: StoreOptions = {}): Promise<Store> {
    return new Store(openEngine(directory, options.create ?? true));
  }

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
    const engine = this.#use();
    const capturing = withCapture(({ capture }) => capture(engine, directory, options));
    const { row, report } = await this.#track(capturing);
    return { snapshot: new Snapshot(row, engine.objects), report };
  }

  /**
   * Returns the snapshots that match, newest first.
   */
  async snapshots(query: SnapshotQuery = {}): Promise<Snapshot[]> {
    const { catalog, objects } = this.#use();
    const matches = snapshotMatcher(query);
    const found: Snapshot[] = [];
    for (const row of catalog.snapshots.all()) {
      if (found.length >= (query.limit ?? Number.POSITIVE_INFINITY)) break;
      if (matches(row)) found.push(new Snapshot(row, objects));
    }
    return found;
  }

  /**
   * Returns the snapshot of an id, a name, a digest, or a unique prefix of an id or digest.
   *
   * @throws {CoppiceError} NOT_FOUND; AMBIGUOUS, naming what it could be
   */
  async get(reference: string): Promise<Snapshot> {
    const { catalog, objects } = this.#use();
    return new Snapshot(findSnapshot(catalog.snapshots, reference), objects);
  }

  /**
   * Removes a snapshot. What other snapshots share stays.
   *
   * @throws {CoppiceError} NOT_FOUND; IN_USE where it is the parent of others, naming them
   */
  async remove(snapshot: Snapshot | string, options: RemoveOptions = {}): Promise<void> {
    const { catalog } = this.#use();
    catalog.snapshots.remove(rowOf(catalog, snapshot).id, options.reparent ?? false);
  }

  /** Returns what the store holds and what it costs. Reads the whole chunk table. */
  async stats(): Promise<StoreStats> {
    return storeStats(this.#use());
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
    const loss = this.#use().catalog.losses.powerLoss;
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
    const engine = this.#use();
    const row = rowOf(engine.catalog, snapshot);
    return this.#track(withRestore(({ restore }) => restore(engine, row, directory, options)));
  }

  /**
   * Makes a writable directory that starts as a snapshot: a copy-on-write view that costs about a millisecond,
   * however large the snapshot is. The first fork of a state builds an image of it.
   *
   * The workspace stays when the process ends; `workspace` finds it again, and `discard` ends it.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, TARGET_NOT_EMPTY, NAME_TAKEN, INVALID_ARGUMENT; UNSUPPORTED where
   * the machine cannot mount; CORRUPT, DISK_FULL, STORE_BUSY, ABORTED, IO; nothing is left then
   * @example
   * const workspace = await store.fork("before", { dir: "/tmp/attempt" });
   * await workspace.exec("make", ["test"]);
   * const { snapshot } = await workspace.snapshot({ name: "after" });
   */
  async fork(snapshot: Snapshot | string, options: ForkOptions = {}): Promise<Workspace> {
    const engine = this.#use();
    const row = rowOf(engine.catalog, snapshot);
    return this.#track(withWorkspaces(({ forkSnapshot }) => forkSnapshot(engine, row, options)));
  }

  /**
   * Forks a snapshot several times.
   *
   * @returns what became of each, as `Promise.allSettled` gives it
   */
  async forkMany(
    snapshot: Snapshot | string,
    count: number,
  ): Promise<PromiseSettledResult<Workspace>[]> {
    const forks: Promise<Workspace>[] = [];
    for (let index = 0; index < count; index++) {
      const made = this.fork(snapshot);
      forks.push(made);
      await made.catch(() => undefined);
    }
    return Promise.allSettled(forks);
  }

  /** Returns the workspaces of the store, oldest first, whoever made them. */
  async workspaces(): Promise<WorkspaceInfo[]> {
    return this.#use().catalog.workspaces.all().map(workspaceInfo);
  }

  /**
   * Returns the workspace of an id, a name or a directory, mounted again where it was not.
   *
   * @throws {CoppiceError} NOT_FOUND; WORKSPACE_DIRTY where the machine stopped while it was in use; UNSUPPORTED, IO
   */
  async workspace(key: string, options: AttachOptions = {}): Promise<Workspace> {
    const engine = this.#use();
    return this.#track(
      withWorkspaces(({ attachWorkspace }) => attachWorkspace(engine, key, options)),
    );
  }

  /**
   * Ends a workspace, by its id, name or directory, whoever made it and whatever state it is in. What was changed
   * in it since its last snapshot is lost; snapshots stay.
   *
   * @returns what it was
   * @throws {CoppiceError} NOT_FOUND; WORKSPACE_BUSY where a program works in it, unless `force`d; IO
   */
  async discard(key: string, options: { readonly force?: boolean } = {}): Promise<WorkspaceInfo> {
    const engine = this.#use();
    const { force = false } = options;
    return this.#track(withWorkspaces(({ endWorkspace }) => endWorkspace(engine, key, force)));
  }

  /**
   * Yields what changed from one snapshot to another, sorted by path. Subtrees that both share are not read.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, CORRUPT
   */
  async *diff(before: Snapshot | string, after: Snapshot | string): AsyncGenerator<Change> {
    const { catalog, objects } = this.#use();
    yield* diffRoots(objects, rowOf(catalog, before).digest, rowOf(catalog, after).digest);
  }

  /**
   * Closes the store; captures and restores that are under way end first. Idempotent.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    const engine = this.#engine;
    await withWorkspaces.ifLoaded(({ leaveWorkspaces }) => leaveWorkspaces(engine));
    closeEngine(engine);
  }

  /** Does what `close` does, for `await using` where the language has it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #track<T>(operation: Promise<T>): Promise<T> {
    this.#running.add(operation);
    try {
      return await operation;
    } finally {
      this.#running.delete(operation);
    }
  }

  #use(): Engine {
    if (this.#isClosed)
      throw new CoppiceError("STORE_CLOSED", "Cannot use store: it is closed, open it again");
    return this.#engine;
  }
}

/** Returns a function that uses a module, which it loads the first time. */
function lazily<Module>(load: () => Promise<Module>) {
  let loaded: Module | undefined;
  const whenLoaded = async <T>(use: (module: Module) => Promise<T>): Promise<T> => {
    if (loaded !== undefined) return use(loaded);
    loaded = await load();
    return use(loaded);
  };
  const ifLoaded = async (use: (module: Module) => Promise<void>): Promise<void> =>
    loaded === undefined ? undefined : use(loaded);
  return Object.assign(whenLoaded, { ifLoaded });
}

function rowOf(catalog: Engine["catalog"], snapshot: Snapshot | string): SnapshotRow {
  return findSnapshot(catalog.snapshots, typeof snapshot === "string" ? snapshot : snapshot.id);
}
