/**
 * Overlay mount: one workspace's directory as an overlay of the kernel's, with an upper directory of its own.
 *
 * Below `workspaces/<id>` of the store: `layer/upper` takes what programs change, `layer/work` is the kernel's.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { CoppiceError } from "../model/error.js";
import { updateOpen } from "../restore/node-writer.js";
import type { Engine } from "../snapshot/engine.js";
import type { SystemCalls } from "../system/system-calls.js";
import { readRoot } from "../tree/root.js";
import { holdersOf } from "./holders.js";
import type { Layers } from "./image-layers.js";
import { isMountPoint, mountLayers } from "./image-layers.js";
import { discardLater, trashPath } from "./trash.js";

/** What the kernel leaves in the work directory of a volatile overlay while it is mounted. */
const VOLATILE_MARK = "work/incompat/volatile";

type Placed = Pick<WorkspaceRow, "id" | "path">;

/** Returns the directory that takes what programs change. */
export function upperOf({ directory }: Pick<Engine, "directory">, { id }: Placed): string {
  return join(layerOf(directory, id), "upper");
}

/**
 * Shows a snapshot in a workspace's directory, and nothing else: what was changed there before is put away.
 * To be called within a write transaction.
 *
 * @param digest of the snapshot's root
 */
export function mountFresh(
  engine: Engine,
  calls: SystemCalls,
  workspace: Placed,
  digest: Buffer,
  layers: Layers,
): void {
  unmountOverlay(calls, workspace, false);
  const layer = layerOf(engine.directory, workspace.id);
  if (existsSync(layer)) {
    renameSync(layer, trashPath(engine, workspace.id));
    discardLater(engine);
  }
  const upper = join(layer, "upper");
  mkdirSync(upper, { recursive: true, mode: 0o700 });
  mkdirSync(join(layer, "work"), { mode: 0o700 });
  // An overlay's root is its upper directory's.
  const descriptor = openSync(upper, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    updateOpen(descriptor, readRoot(engine.objects, digest).entry, () => undefined);
  } finally {
    closeSync(descriptor);
  }
  mountOverlay(engine, calls, workspace, layers);
}

/** Whether a workspace was mounted last without being unmounted. */
export function isDirty(engine: Pick<Engine, "directory">, workspace: Placed): boolean {
  return existsSync(markOf(engine, workspace));
}

/**
 * Mounts a workspace again as it was, where it is not mounted.
 *
 * @param isOfThisBoot whether it was mounted last in this boot of the machine
 * @throws {CoppiceError} WORKSPACE_DIRTY where a crash of the machine may have taken part of what was changed
 */
export function mountAgain(
  engine: Engine,
  calls: SystemCalls,
  workspace: Placed,
  layers: Layers,
  isOfThisBoot: boolean,
): void {
  if (isMountPoint(workspace.path)) return;
  if (isDirty(engine, workspace)) {
    if (!isOfThisBoot) {
      throw new CoppiceError(
        "WORKSPACE_DIRTY",
        `Cannot attach workspace ${workspace.path}: the machine stopped while it was in use, and what was changed since its last snapshot may not be whole; roll it back to that snapshot, or discard it`,
        { path: workspace.path },
      );
    }
    rmSync(markOf(engine, workspace), { recursive: true });
  }
  mountOverlay(engine, calls, workspace, layers);
}

/**
 * Takes a workspace's overlay away, where it is mounted; what was changed stays in the upper directory.
 *
 * @param isForced also where programs use it: these keep it until they end
 * @throws {CoppiceError} WORKSPACE_BUSY, naming them
 */
export function unmountOverlay(calls: SystemCalls, { path }: Placed, isForced: boolean): void {
  if (!isMountPoint(path)) return;
  try {
    calls.unmount(path, isForced);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    throw new CoppiceError(
      "WORKSPACE_BUSY",
      `Cannot unmount workspace ${path}: it is in use by ${holdersOf(path)}; end these first`,
      { cause: error, path },
    );
  }
}

function mountOverlay(
  engine: Engine,
  calls: SystemCalls,
  { id, path }: Placed,
  layers: Layers,
): void {
  const layer = layerOf(engine.directory, id);
  const lower = mountLayers(engine, calls, layers);
  calls.mountWith(
    "overlay",
    [
      ["source", "coppice"],
      ...lower.map((each) => ["lowerdir+", each] as const),
      ["upperdir", join(layer, "upper")],
      ["workdir", join(layer, "work")],
      // No sync when it is unmounted: what matters is in snapshots.
      ["volatile"],
      // One device for all of it, and inode numbers that stay when a file is copied up.
      ["xino", "on"],
      // A directory of the layers below is renamed by reference.
      ["redirect_dir", "on"],
      // A file is copied up whole: the upper directory alone has what was changed.
      ["metacopy", "off"],
      ["index", "off"],
    ],
    path,
    0,
  );
}

function markOf({ directory }: Pick<Engine, "directory">, { id }: Placed): string {
  return join(layerOf(directory, id), "work", VOLATILE_MARK);
}

function layerOf(store: string, id: string): string {
  return join(store, "workspaces", id, "layer");
}
