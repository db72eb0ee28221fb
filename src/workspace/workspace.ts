/**
 * Workspace: a writable directory that started from a snapshot.
 *
 * Invariants:
 * (K1) The catalog's row and the mount are changed under one write transaction: no other process sees one
 *      without the other. What a killed process left half-way is found by the next one that looks.
 * (K2) A workspace's base and head cannot be removed while it is there.
 * (K3) What a scan found is relied on by later ones only once it is stored.
 */
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import type { Durability } from "../model/options.js";
import { explainSystemError } from "../model/system-failure.js";
import { NO_SINK, NOTHING_NEW } from "../scan/chunk-pipeline.js";
import type { Change } from "../snapshot/diff.js";
import { diffRoots } from "../snapshot/diff.js";
import type { Engine } from "../snapshot/engine.js";
import { Snapshot } from "../snapshot/snapshot.js";
import { SnapshotWriter } from "../snapshot/snapshot-writer.js";
import type { SystemCalls } from "../system/system-calls.js";
import { readRoot } from "../tree/root.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type { ExecOptions, ExecResult } from "./exec.js";
import { exec } from "./exec.js";
import type { ForkOptions } from "./fork.js";
import { leaveDelta, prepareLayers } from "./image-layers.js";
import { mountFresh, unmountOverlay, upperOf } from "./overlay-mount.js";
import { discardLater, removeState } from "./trash.js";
import type { UpperScanResult } from "./upper-scan.js";
import { UpperScanner } from "./upper-scanner.js";

/** How a workspace is captured. */
export interface WorkspaceSnapshotOptions {
  /** A name for the snapshot, unique in the store. */
  readonly name?: string;
  /** Free words for people and programs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default "full" */
  readonly durability?: Durability;
}

/** How the snapshot is taken that a workspace is forked at. */
export type WorkspaceForkOptions = Pick<WorkspaceSnapshotOptions, "durability">;

/** What capturing a workspace gives. */
export interface WorkspaceSnapshotResult {
  /** The new snapshot; the workspace's last one where nothing changed since, unless a name or labels were given. */
  readonly snapshot: Snapshot;
  /** Whether the state is that of the workspace's last snapshot. */
  readonly isUnchanged: boolean;
  /** Files that were read: those that something touched since the last snapshot. */
  readonly filesRead: number;
  /** Bytes read from them. */
  readonly bytesRead: number;
  /** Bytes of chunks and trees that the store did not have. */
  readonly bytesNew: number;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}

/** What workspaces work with. */
export interface WorkspaceEngine {
  readonly engine: Engine;
  readonly calls: SystemCalls;
  /** Forks a snapshot. */
  fork(snapshot: SnapshotRow, options: ForkOptions): Promise<Workspace>;
}

/**
 * A writable directory that started from a snapshot. Programs work in it as in any other; each of its methods that
 * changes or captures it waits for the one before.
 */
export class Workspace {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The directory that programs work in, absolute. */
  readonly path: string;
  /** The name that it was given. */
  readonly name: string | undefined;
  /** How the directory comes to be. */
  readonly driver: string;
  readonly #workspaces: WorkspaceEngine;
  readonly #engine: Engine;
  readonly #onExit: "discard" | "keep";
  #row: WorkspaceRow;
  #anchor: Buffer;
  #scanner: UpperScanner;
  #queue: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(
    workspaces: WorkspaceEngine,
    row: WorkspaceRow,
    anchor: Buffer,
    onExit: "discard" | "keep",
  ) {
    this.id = row.id;
    this.path = row.path;
    this.name = row.name;
    this.driver = row.driver;
    this.#workspaces = workspaces;
    this.#engine = workspaces.engine;
    this.#row = row;
    this.#anchor = anchor;
    this.#onExit = onExit;
    this.#scanner = this.#newScanner();
  }

  /** The snapshot whose state it was in last: the one that it was forked from, restored to, or captured as. */
  get head(): Snapshot {
    return new Snapshot(this.#rowOf(this.#row.head), this.#engine.objects);
  }

  /** The snapshot that it was forked from or restored to last. */
  get base(): Snapshot {
    return new Snapshot(this.#rowOf(this.#row.base), this.#engine.objects);
  }

  /**
   * Captures the workspace as it stands, while programs may go on working in it. Costs a look at what was
   * changed since the base, and reading what was touched since the last snapshot.
   *
   * @throws {CoppiceError} NAME_TAKEN, UNREADABLE where it changes faster than it can be read, DISK_FULL, STORE_BUSY, IO
   */
  snapshot(options: WorkspaceSnapshotOptions = {}): Promise<WorkspaceSnapshotResult> {
    return this.#inTurn("capture", () => this.#capture(options));
  }

  /**
   * Yields what changed since the last snapshot, sorted by path, without storing anything.
   *
   * @throws {CoppiceError} UNREADABLE, CORRUPT, IO
   */
  async *changes(): AsyncGenerator<Change> {
    const { objects, digest } = await this.#inTurn("compare", () => this.#look());
    yield* diffRoots(objects, this.#rowOf(this.#row.head).digest, digest);
  }

  /**
   * Brings the workspace to a snapshot's state; what was changed in it since its last snapshot is lost.
   *
   * @throws {CoppiceError} WORKSPACE_BUSY where a program works in it, naming it; NOT_FOUND, CORRUPT, DISK_FULL, IO
   */
  restore(snapshot: Snapshot): Promise<void> {
    return this.#inTurn("restore", () => this.#reset(snapshot.id));
  }

  /** Brings the workspace back to its last snapshot. See `restore`. */
  rollback(): Promise<void> {
    return this.#inTurn("roll back", () => this.#reset(this.#row.head));
  }

  /**
   * Captures the workspace and makes another one of that state. See `snapshot` and `Store.fork`.
   *
   * @example
   * const attempt = await workspace.fork({ onExit: "discard" });
   */
  async fork(options: ForkOptions & WorkspaceForkOptions = {}): Promise<Workspace> {
    const { durability, ...own } = options;
    await this.snapshot(durability === undefined ? {} : { durability });
    return this.#workspaces.fork(this.#rowOf(this.#row.head), own);
  }

  /**
   * Ends the workspace: its directory is taken away, and what was changed in it since its last snapshot is
   * lost. Snapshots stay.
   *
   * @throws {CoppiceError} WORKSPACE_BUSY where a program works in it, unless `force`d: it then keeps what it has open
   */
  discard({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    return this.#inTurn("discard", () => {
      discardWorkspace(this.#workspaces, this.#row, force);
    });
  }

  /**
   * Runs a program in the workspace.
   *
   * @returns its exit code or signal, and what it wrote
   * @throws {CoppiceError} NOT_FOUND where there is no such program; ABORTED; TIMEOUT
   * @example
   * const { exitCode, stdout } = await workspace.exec("git", ["status", "--short"]);
   */
  exec(
    command: string,
    args: readonly string[] = [],
    options: ExecOptions = {},
  ): Promise<ExecResult> {
    return exec(this.path, command, args, options);
  }

  /** Discards the workspace if it was forked with `onExit: "discard"`, for `await using` where the language has it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#onExit === "discard") await this.discard({ force: true });
  }

  #capture(options: WorkspaceSnapshotOptions): WorkspaceSnapshotResult {
    const startedMs = performance.now();
    const { name, labels = {}, durability } = options;
    checkName(name);
    checkWord("durability", durability, ["full", "relaxed"]);
    const head = this.#rowOf(this.#row.head);
    const writer = new SnapshotWriter(this.#engine, durability);
    try {
      const { objects } = this.#engine;
      const found = this.#scan({
        objects,
        known: writer.known,
        sink: writer.chunks,
        nodes: writer,
      });
      const { filesRead, bytesRead, root } = found;
      const isUnchanged = root.digest.equals(head.digest);
      const isNew = !isUnchanged || name !== undefined || Object.keys(labels).length > 0;
      let row = head;
      if (isNew) {
        ({ row } = writer.commit({
          root,
          parent: head.id,
          name,
          labels,
          source: this.path,
          filter: { exclude: [], gitignore: false },
          entryCount: found.entryCount,
          totalBytes: found.totalBytes,
          workspace: { id: this.id, anchor: this.#anchor },
        }));
        this.#row = { ...this.#row, head: row.id };
      }
      this.#scanner.keep(found);
      const durationMs = performance.now() - startedMs;
      const bytesNew = writer.chunks.bytesWritten;
      const snapshot = new Snapshot(row, objects);
      return { snapshot, isUnchanged, filesRead, bytesRead, bytesNew, durationMs };
    } finally {
      writer.close();
    }
  }

  /** Returns the state as it stands, in memory over what is stored. */
  #look(): { objects: ObjectSource; digest: Buffer } {
    const nodes = new Map<string, Buffer>();
    const { root } = this.#scan({
      objects: this.#engine.objects,
      known: NOTHING_NEW,
      sink: NO_SINK,
      nodes: { putNode: (node) => void nodes.set(node.digest.toString("latin1"), node.bytes) },
    });
    nodes.set(root.digest.toString("latin1"), root.bytes);
    const stored = this.#engine.objects;
    const objects: ObjectSource = {
      readObject: (digest) => nodes.get(digest.toString("latin1")) ?? stored.readObject(digest),
    };
    return { objects, digest: root.digest };
  }

  #scan(store: Parameters<UpperScanner["scan"]>[0]): UpperScanResult {
    if (this.#engine.catalog.workspaces.find(this.id) === undefined) {
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot use workspace ${this.path}: it was discarded, fork another one`,
      );
    }
    return this.#scanner.scan(store);
  }

  async #reset(id: string): Promise<void> {
    const { digest } = this.#rowOf(id);
    const layers = await prepareLayers(this.#engine, digest, undefined);
    const row = { ...this.#row, base: id, head: id };
    const { calls } = this.#workspaces;
    const before = this.#row.base;
    this.#engine.catalog.workspaces.put(row, () => {
      mountFresh(this.#engine, calls, row, digest, layers);
      if (before !== id) leaveDelta(this.#engine, calls, before);
    });
    this.#row = row;
    this.#anchor = layers.anchor;
    this.#scanner = this.#newScanner();
  }

  #newScanner(): UpperScanner {
    const root = readRoot(this.#engine.objects, this.#rowOf(this.#row.base).digest);
    return new UpperScanner(upperOf(this.#engine, this), root);
  }

  #rowOf(id: string): SnapshotRow {
    const row = this.#engine.catalog.snapshots.find(id);
    if (row === undefined)
      throw new CoppiceError("NOT_FOUND", `Cannot find snapshot ${id} of workspace ${this.path}`);
    return row;
  }

  /** Does one thing after the other. */
  #inTurn<T>(action: string, work: () => T | Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      try {
        return await work();
      } catch (error) {
        throw explainSystemError(error, `${action} workspace ${this.path}`);
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** Ends a workspace; see `Workspace.discard`. */
export function discardWorkspace(
  { engine, calls }: WorkspaceEngine,
  row: WorkspaceRow,
  isForced: boolean,
): void {
  engine.catalog.workspaces.remove(row.id, () => {
    unmountOverlay(calls, row, isForced);
    leaveDelta(engine, calls, row.base);
  });
  removeState(engine, row);
  discardLater(engine);
}
