/**
 * Workspace: a writable directory that started from a snapshot. What it does is its driver's work (see driver).
 *
 * Invariant: (K2) A workspace's base and head cannot be removed while it is there.
 */

import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { checkLabels, checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { TreePath } from "../model/tree-path.js";
import { nameFromBytes } from "../scan/source-directory.js";
import type { Change } from "../snapshot/diff.js";
import { diffRoots } from "../snapshot/diff.js";
import type { Engine } from "../snapshot/engine.js";
import { Snapshot } from "../snapshot/snapshot.js";
import type { CapturedState, SnapshotOptions } from "../snapshot/snapshot-options.js";
import type { ApplyOptions, ApplyReport } from "./apply/apply.js";
import type { DriverName, WorkspaceFiles } from "./driver.js";
import type { DriverReport } from "./drivers.js";
import type { ExecOptions, ExecResult } from "./exec.js";
import { exec } from "./exec.js";
import type { ForkOptions } from "./fork.js";

/** How the snapshot is taken that a workspace is forked at. */
export type WorkspaceForkOptions = Pick<SnapshotOptions, "durability">;

/** What a workspace is made of. */
export interface WorkspaceParts {
  readonly engine: Engine;
  readonly row: WorkspaceRow;
  readonly files: WorkspaceFiles;
  readonly onExit: "discard" | "keep";
  fork(engine: Engine, snapshot: SnapshotRow, options: ForkOptions): Promise<Workspace>;
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
  readonly driver: DriverName;
  /** The drivers that would have been better, and why they could not be used. */
  readonly passedOver: readonly Required<DriverReport>[];
  /** Whether nobody can write to it. */
  readonly isReadOnly: boolean;
  /** The paths that no snapshot of it has. */
  readonly omit: readonly TreePath[];
  readonly #engine: Engine;
  readonly #files: WorkspaceFiles;
  readonly #onExit: "discard" | "keep";
  readonly #fork: WorkspaceParts["fork"];
  #queue: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor({ engine, row, files, onExit, fork }: WorkspaceParts) {
    this.id = row.id;
    this.path = row.path;
    this.name = row.name;
    this.driver = row.driver as DriverName;
    this.passedOver = row.passedOver as readonly Required<DriverReport>[];
    this.isReadOnly = row.isReadOnly;
    this.omit = row.omit.map((each) => nameFromBytes(Buffer.from(each, "latin1")));
    this.#engine = engine;
    this.#files = files;
    this.#onExit = onExit;
    this.#fork = fork;
  }

  /** The snapshot whose state it was in last: the one that it was forked from, restored to, or captured as. */
  get head(): Snapshot {
    return new Snapshot(this.#stateOf(this.#row.head), this.#engine);
  }

  /** The snapshot that it was forked from or restored to last. */
  get base(): Snapshot {
    return new Snapshot(this.#stateOf(this.#row.base), this.#engine);
  }

  /**
   * Captures the workspace as it stands, while programs may go on working in it. Costs a look at what was
   * changed since the base, and reading what was touched since the last snapshot.
   *
   * @throws {CoppiceError} NAME_TAKEN, UNREADABLE where it changes faster than it can be read, DISK_FULL, STORE_BUSY, IO
   */
  snapshot(options: SnapshotOptions = {}): Promise<CapturedState> {
    return this.#inTurn("capture", () => this.#capture(options));
  }

  /**
   * Yields what changed since the last snapshot, sorted by path, without storing anything.
   *
   * @throws {CoppiceError} UNREADABLE, CORRUPT, IO
   */
  async *changes(): AsyncGenerator<Change> {
    if (this.isReadOnly) return;
    const { head, now } = await this.#inTurn("compare", async () => ({
      head: this.#stateOf(this.#usable().head),
      now: await this.#files.look(),
    }));
    yield* diffRoots(now.objects, head.digest, now.digest);
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
    const { head } = this.#row;
    return this.#fork(this.#engine, this.#stateOf(head), { omit: this.omit, ...own });
  }

  /**
   * Captures the workspace and writes what changed in it into a directory that is in the state it started from, or
   * has gone on from there: the repository that it was forked for, say.
   *
   * Only what the workspace changed is written. What the target changed as well is a conflict; content, mode, owner
   * and extended attributes count each for themselves, times never. Nothing is written through a symbolic link, and
   * files are replaced by rename; they get the owners and times that they have in the workspace. What another program
   * writes to the target at the very moment may be lost.
   *
   * Costs a look at every name of the target, reading what was touched there since the store saw it last, and what
   * changed on both sides.
   *
   * @throws {ConflictError} CONFLICT, with all conflicts, unless `onConflict` is "skip"; nothing was written
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, INVALID_ARGUMENT, NOT_OWNER, UNREADABLE, CORRUPT, DISK_FULL,
   * ABORTED, IO; what was done until then stays, and applying again goes on from there
   * @example
   * const { conflicts } = await workspace.apply("project", { plan: true });
   * if (conflicts.length === 0) await workspace.apply("project", { undo: true });
   */
  async apply(directory: string, options: ApplyOptions = {}): Promise<ApplyReport> {
    const { apply } = await import("./apply/apply.js");
    const capture = async () => {
      const { snapshot } = await this.snapshot();
      return { base: this.#stateOf(this.#row.base), head: this.#stateOf(snapshot.id) };
    };
    const { path } = this;
    const { omit } = this.#row;
    return apply(this.#engine, { path, omit, capture }, directory, options);
  }

  /**
   * Ends the workspace: its directory is taken away, and what was changed in it since its last snapshot is
   * lost. Snapshots stay. Whatever is asked of it afterwards fails with NOT_FOUND, but for discarding it once more, which
   * does nothing.
   *
   * @throws {CoppiceError} WORKSPACE_BUSY where a program works in it, unless `force`d: it then keeps what it has open
   */
  discard({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    return this.#inTurn("discard", async () => {
      const row = this.#found;
      if (row !== undefined) await this.#files.remove(row, force);
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

  async #capture(options: SnapshotOptions): Promise<CapturedState> {
    const startedMs = performance.now();
    const { name, labels = {}, durability } = options;
    if (this.isReadOnly) {
      throw new CoppiceError(
        "UNSUPPORTED",
        `Cannot capture ${this.path}: nobody can write to it, its snapshot is ${this.#row.head}`,
        { path: this.path },
      );
    }
    checkName(name);
    checkLabels(labels);
    checkWord("durability", durability, ["full", "relaxed"]);
    const head = this.#stateOf(this.#usable().head);
    const { row, ...read } = await this.#files.capture({ head, name, labels, durability });
    return {
      snapshot: new Snapshot(row, this.#engine),
      isUnchanged: row.digest.equals(head.digest),
      ...read,
      durationMs: performance.now() - startedMs,
    };
  }

  async #reset(id: string): Promise<void> {
    const row = { ...this.#row, base: id, head: id, bootId: this.#engine.disk.bootId };
    await this.#files.reset(row, this.#stateOf(id), undefined);
  }

  /** What the catalog says of it; another process may have changed that. */
  get #row(): WorkspaceRow {
    const row = this.#found;
    if (row !== undefined) return row;
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot use workspace ${this.path}: it was discarded, fork another one`,
    );
  }

  /** The same; `undefined` once it was discarded. */
  get #found(): WorkspaceRow | undefined {
    const row = this.#engine.catalog.workspaces.find(this.id);
    return row?.id === this.id ? row : undefined;
  }

  /** @throws {CoppiceError} WORKSPACE_DIRTY where a restore was not brought to its end */
  #usable(): WorkspaceRow {
    const row = this.#row;
    if (row.isWhole) return row;
    throw new CoppiceError(
      "WORKSPACE_DIRTY",
      `Cannot use workspace ${this.path}: a restore of it did not come to its end, roll it back or discard it`,
      { path: this.path },
    );
  }

  #stateOf(id: string): SnapshotRow {
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
