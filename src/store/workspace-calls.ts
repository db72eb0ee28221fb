/**
 * Workspace calls: forking snapshots, and the workspaces that are there. Thin: they forward to functions.
 */
import { checkCount } from "../model/check-options.js";
import type { Engine } from "../snapshot/engine.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { AttachOptions } from "../workspace/attach.js";
import type { Leftovers } from "../workspace/clear-leftovers.js";
import type { DriverReport } from "../workspace/drivers.js";
import type { ForkOptions } from "../workspace/fork.js";
import type { Workspace } from "../workspace/workspace.js";
import type { WorkspaceInfo } from "../workspace/workspace-info.js";
import { workspaceInfo } from "../workspace/workspace-info.js";
import { lazily } from "./lazily.js";
import { MergeCalls } from "./merge-calls.js";

const withWorkspaces = lazily(() => import("../workspace/workspaces.js"));

/** The calls of a store that are about workspaces, and those about snapshots. */
export class WorkspaceCalls extends MergeCalls {
  /**
   * Makes a writable directory that starts as a snapshot: where the machine can mount, a copy-on-write view that costs
   * about a millisecond, however large the snapshot is; the first fork of a state builds an image of it. Elsewhere the
   * directory holds files of its own: `workspace.driver` tells how it was made, `workspace.passedOver` why not better.
   *
   * The workspace stays when the process ends; `workspace` finds it again, and `discard` ends it.
   *
   * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS, TARGET_NOT_EMPTY, NAME_TAKEN, IN_USE, INVALID_ARGUMENT; UNSUPPORTED where
   * the driver asked for cannot work, with the reason; CORRUPT, DISK_FULL, STORE_BUSY, ABORTED, IO; nothing is left then
   * @example
   * const workspace = await store.fork("before", { dir: "/tmp/attempt" });
   * await workspace.exec("make", ["test"]);
   * const { snapshot } = await workspace.snapshot({ name: "after" });
   */
  fork(snapshot: Snapshot | string, options?: ForkOptions): Promise<Workspace>;
  /**
   * Makes several at once. Each one's name and directory, where these are given, end in `-1`, `-2`, ...
   *
   * @param options `count`: how many, 0 to 100,000
   * @returns what became of each, as `Promise.allSettled` gives it
   */
  fork(
    snapshot: Snapshot | string,
    options: ForkOptions & { readonly count: number },
  ): Promise<PromiseSettledResult<Workspace>[]>;
  async fork(
    snapshot: Snapshot | string,
    { count, ...options }: ForkOptions & { readonly count?: number } = {},
  ): Promise<Workspace | PromiseSettledResult<Workspace>[]> {
    const engine = this.use();
    const row = this.rowOf(snapshot);
    if (count === undefined)
      return this.track(withWorkspaces(({ forkSnapshot }) => forkSnapshot(engine, row, options)));
    checkCount(count);
    return this.track(
      withWorkspaces(({ forkSeveral }) => forkSeveral(engine, row, count, options)),
    );
  }

  /**
   * Shows a snapshot in a directory that nobody can write to. It is listed as a workspace, and `discard` ends it.
   *
   * @throws {CoppiceError} as `fork`; UNSUPPORTED where the machine cannot mount
   * @example
   * await store.mount("before", "/tmp/before");
   */
  async mount(
    snapshot: Snapshot | string,
    directory: string,
    options: Omit<ForkOptions, "dir" | "onExit"> = {},
  ): Promise<Workspace> {
    const engine = this.use();
    const row = this.rowOf(snapshot);
    const all = { ...options, dir: directory };
    return this.track(
      withWorkspaces(({ forkSnapshot }) => forkSnapshot(engine, row, all, { isReadOnly: true })),
    );
  }

  /**
   * Tries in which ways workspaces can be made, best first.
   *
   * @param directory where workspaces are to be @default in the store
   */
  async drivers(directory?: string): Promise<DriverReport[]> {
    const engine = this.use();
    return this.track(withWorkspaces(({ tryDrivers }) => tryDrivers(engine, directory)));
  }

  /**
   * Clears what killed processes left of workspaces that they were making or discarding. Every first use of workspaces
   * in a process does so too.
   *
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   */
  async clearLeftovers(): Promise<Leftovers> {
    const engine = this.use();
    return this.track(withWorkspaces(({ clearWorkspaces }) => clearWorkspaces(engine)));
  }

  /** Returns the workspaces of the store, oldest first, whoever made them. */
  async workspaces(): Promise<WorkspaceInfo[]> {
    return this.use().catalog.workspaces.all().map(workspaceInfo);
  }

  /**
   * Returns the workspace of an id, a name or a directory, mounted again where it was not.
   *
   * @throws {CoppiceError} NOT_FOUND; WORKSPACE_DIRTY where the machine stopped while it was in use; UNSUPPORTED, IO
   */
  async workspace(key: string, options: AttachOptions = {}): Promise<Workspace> {
    const engine = this.use();
    return this.track(
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
    const engine = this.use();
    const { force = false } = options;
    return this.track(withWorkspaces(({ endWorkspace }) => endWorkspace(engine, key, force)));
  }

  /** @internal */
  protected override async leave(engine: Engine): Promise<void> {
    await withWorkspaces.ifLoaded(({ leaveWorkspaces }) => leaveWorkspaces(engine));
  }
}
