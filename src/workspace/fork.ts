/**
 * Fork: a workspace from a snapshot, and the workspaces that are there.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { abortError, explainSystemError } from "../model/system-failure.js";
import { newSnapshotId } from "../snapshot/snapshot-id.js";
import { prepareLayers } from "./image-layers.js";
import { isDirty, mountAgain, mountFresh, unmountOverlay } from "./overlay-mount.js";
import { removeState } from "./trash.js";
import type { WorkspaceEngine } from "./workspace.js";
import { Workspace } from "./workspace.js";

/** How a snapshot is forked. */
export interface ForkOptions {
  /** The directory to work in: missing or empty, outside the store. @default one in the store */
  readonly dir?: string;
  /** A name for the workspace, unique in the store. */
  readonly name?: string;
  /** What `await using` does at the end. @default "keep" */
  readonly onExit?: "discard" | "keep";
  /** Ends what the first fork of a state takes time for; nothing is left then. */
  readonly signal?: AbortSignal;
}

/** Forks a snapshot; see `Store.fork`. */
export async function fork(
  workspaces: WorkspaceEngine,
  snapshot: SnapshotRow,
  options: ForkOptions,
): Promise<Workspace> {
  const { engine, calls } = workspaces;
  const { name, onExit = "keep", signal } = options;
  checkName(name);
  checkWord("onExit", onExit, ["discard", "keep"]);
  const action = `fork snapshot ${snapshot.id}`;
  const id = newSnapshotId();
  let made: WorkspaceRow | undefined;
  try {
    signal?.throwIfAborted();
    engine.catalog.beginWriting();
    const layers = await prepareLayers(engine, snapshot.digest, signal);
    const row: WorkspaceRow = (made = {
      id,
      path: makeTarget(engine.directory, options.dir, id),
      name,
      driver: "overlayfs",
      base: snapshot.id,
      head: snapshot.id,
      createdMs: Date.now(),
      bootId: engine.disk.bootId,
    });
    engine.catalog.workspaces.put(row, () =>
      mountFresh(engine, calls, row, snapshot.digest, layers),
    );
    return new Workspace(workspaces, row, layers.anchor, onExit);
  } catch (error) {
    if (made !== undefined) undo(workspaces, made);
    if (signal?.aborted === true) throw abortError(signal, action, "nothing was left");
    throw explainSystemError(error, action);
  }
}

/** How a workspace is found again. */
export interface AttachOptions {
  /**
   * What becomes of one that was in use when the machine stopped: `fail` refuses it, `rollback` brings it back to
   * its last snapshot.
   * @default "fail"
   */
  readonly ifDirty?: "fail" | "rollback";
  /** What `await using` does at the end. @default "keep" */
  readonly onExit?: "discard" | "keep";
}

/**
 * Returns a workspace that is there, mounted again where it was not.
 *
 * @throws {CoppiceError} WORKSPACE_DIRTY where a crash of the machine may have taken part of what was changed
 */
export async function attach(
  workspaces: WorkspaceEngine,
  row: WorkspaceRow,
  { ifDirty = "fail", onExit = "keep" }: AttachOptions,
): Promise<Workspace> {
  const { engine, calls } = workspaces;
  const { catalog } = engine;
  checkWord("ifDirty", ifDirty, ["fail", "rollback"]);
  checkWord("onExit", onExit, ["discard", "keep"]);
  try {
    catalog.beginWriting();
    const { bootId } = engine.disk;
    const isOfThisBoot = bootId !== undefined && bootId === row.bootId;
    const isLost = ifDirty === "rollback" && !isOfThisBoot && isDirty(engine, row);
    const now = { ...row, bootId, base: isLost ? row.head : row.base };
    const base = catalog.snapshots.find(now.base);
    if (base === undefined) {
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot attach workspace ${row.path}: its snapshot ${now.base} is gone, discard it`,
      );
    }
    const layers = await prepareLayers(engine, base.digest, undefined);
    catalog.workspaces.put(now, () => {
      if (isLost) mountFresh(engine, calls, now, base.digest, layers);
      else mountAgain(engine, calls, now, layers, isOfThisBoot);
    });
    return new Workspace(workspaces, now, layers.anchor, onExit);
  } catch (error) {
    throw explainSystemError(error, `attach workspace ${row.path}`);
  }
}

/** Returns the directory to work in, existing and empty. */
function makeTarget(store: string, dir: string | undefined, id: string): string {
  if (dir === undefined) {
    const path = join(store, "workspaces", id, "tree");
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }
  const wanted = resolve(dir);
  let existing = wanted;
  while (!existsSync(existing)) existing = dirname(existing);
  const path = join(realpathSync(existing), relative(existing, wanted));
  if (isWithin(path, store) || isWithin(store, path)) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot fork to ${path}: it and the store ${store} must not lie in one another, give another directory`,
      { path },
    );
  }
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw new CoppiceError(
      "TARGET_NOT_EMPTY",
      `Cannot fork to ${path}: it has content, give an empty directory or one that is not there yet`,
      { path },
    );
  }
  mkdirSync(path, { recursive: true });
  return path;
}

/** Takes away what a fork that failed has made. */
function undo({ engine, calls }: WorkspaceEngine, row: WorkspaceRow): void {
  try {
    unmountOverlay(calls, row, true);
    removeState(engine, row);
    rmdirSync(row.path);
  } catch {
    // The error that is on its way says what went wrong; what is left is found and cleared later.
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
