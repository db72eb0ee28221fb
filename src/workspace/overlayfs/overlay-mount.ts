/**
 * Overlay mount: one workspace's directory as an overlay of the kernel's, with an upper directory of its own.
 *
 * Below `workspaces/<id>` of the store: `<layer>/upper` takes what programs change, `<layer>/work` is the kernel's. A
 * workspace that nobody can write to has neither, but an empty directory below the others: an overlay has at least
 * two. After a restore it is another layer, and the old one is put away once the catalog says so.
 */

import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { WorkspaceRow } from "../../catalog/workspace-table.js";
import { makeOwnDirectory } from "../../disk/own-files.js";
import type { DirectoryEntry } from "../../model/entry.js";
import { CoppiceError } from "../../model/error.js";
import { updateOpen } from "../../restore/node-writer.js";
import type { Engine } from "../../snapshot/engine.js";
import { readMounts } from "../../system/mount-table.js";
import type { SystemCalls } from "../../system/system-calls.js";
import { cachedObjects } from "../../tree/object-cache.js";
import { readRoot } from "../../tree/root.js";
import { busy } from "../holders.js";
import { trashPath } from "../trash.js";
import { isMountPoint } from "./mount-point.js";
import { OVERLAY_SOURCE, overlayOptions, stateInOptions } from "./overlay-options.js";

/** What the kernel leaves in the work directory of a volatile overlay while it is mounted. */
const VOLATILE_MARK = "work/incompat/volatile";

type Placed = Pick<WorkspaceRow, "id" | "path" | "isReadOnly" | "layer">;

/** Returns the directory that takes what programs change. */
export function upperOf(
  engine: Pick<Engine, "directory">,
  workspace: Pick<Placed, "id" | "layer">,
): string {
  return join(layerOf(engine, workspace), "upper");
}

/**
 * Shows a snapshot in a workspace's directory, with a new layer above it. To be called within a write transaction.
 *
 * @param digest of the snapshot's root
 * @param lower the directories of its layers, the uppermost first
 */
export function mountFresh(
  engine: Engine,
  calls: SystemCalls,
  workspace: Placed,
  digest: Buffer,
  lower: readonly string[],
): void {
  unmountOverlay(calls, workspace, false);
  const layer = layerOf(engine, workspace);
  makeOwnDirectory(workspace.path);
  if (workspace.isReadOnly) makeOwnDirectory(join(layer, "empty"));
  else makeUpper(layer, readRoot(cachedObjects(engine.objects), digest).entry);
  mountOverlay(engine, calls, workspace, lower);
}

/** Puts the layers away that a workspace had before the one that its row names. */
export function putAwayLayers(
  engine: Pick<Engine, "directory">,
  { id, layer, path }: Placed,
): void {
  const state = stateOf(engine, id);
  for (const name of readdirSync(state)) {
    if (name !== layer && join(state, name) !== path)
      renameSync(join(state, name), trashPath(engine, id));
  }
}

/** Whether a workspace was mounted last without being unmounted. */
function isDirty(engine: Pick<Engine, "directory">, workspace: Placed): boolean {
  return existsSync(markOf(engine, workspace));
}

/**
 * Mounts a workspace again as it was, where it is not mounted.
 *
 * @param accepts whether to take it where a crash of the machine may have taken part of what was changed
 * @throws {CoppiceError} WORKSPACE_DIRTY in that case
 */
export function mountAgain(
  engine: Engine,
  calls: SystemCalls,
  workspace: Placed,
  lower: readonly string[],
  accepts: boolean,
): void {
  if (isMountPoint(workspace.path)) {
    if (isShown(workspace)) return;
    // Somebody was stopped while bringing it to another state, before the catalog said so.
    unmountOverlay(calls, workspace, true);
  }
  if (isDirty(engine, workspace)) {
    if (!accepts) {
      throw new CoppiceError(
        "WORKSPACE_DIRTY",
        `Cannot attach workspace ${workspace.path}: the machine stopped while it was in use, and what was changed since its last snapshot may not be whole; keep it as it stands, roll it back to that snapshot, or discard it`,
        { path: workspace.path },
      );
    }
    rmSync(markOf(engine, workspace), { recursive: true });
  }
  mountOverlay(engine, calls, workspace, lower);
}

/**
 * Takes a workspace's overlay away, where it is mounted; what was changed stays in the upper directory.
 *
 * @param isForced also where programs use it: these keep it until they end
 * @throws {CoppiceError} WORKSPACE_BUSY, naming them
 */
export function unmountOverlay(
  calls: SystemCalls,
  { path }: Pick<Placed, "path">,
  isForced: boolean,
): void {
  if (!isMountPoint(path)) return;
  try {
    calls.unmount(path, isForced);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    throw busy(path, "unmount", error);
  }
}

/** An overlay's root is its upper directory's. */
function makeUpper(layer: string, root: DirectoryEntry): void {
  const upper = join(layer, "upper");
  makeOwnDirectory(layer);
  makeOwnDirectory(upper);
  makeOwnDirectory(join(layer, "work"));
  const descriptor = openSync(upper, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    updateOpen(descriptor, root, () => undefined);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether what is mounted on a workspace's directory is the layer that its row names. */
function isShown(workspace: Placed): boolean {
  const layer = stateInOptions(workspace.id, workspace.layer);
  const mount = (readMounts() ?? []).findLast(({ mountPoint }) => mountPoint === workspace.path);
  return mount?.fileSystemOptions.some(([, value]) => value?.includes(layer) === true) === true;
}

function mountOverlay(
  engine: Engine,
  calls: SystemCalls,
  workspace: Placed,
  lower: readonly string[],
): void {
  const { path, isReadOnly } = workspace;
  const layer = layerOf(engine, workspace);
  const options = isReadOnly
    ? overlayOptions([...lower, join(layer, "empty")], undefined)
    : overlayOptions(lower, { upper: join(layer, "upper"), work: join(layer, "work") });
  calls.mount(OVERLAY_SOURCE, path, "overlay", 0, options);
}

function markOf(engine: Pick<Engine, "directory">, workspace: Placed): string {
  return join(layerOf(engine, workspace), "work", VOLATILE_MARK);
}

function layerOf(
  engine: Pick<Engine, "directory">,
  { id, layer }: Pick<Placed, "id" | "layer">,
): string {
  return join(stateOf(engine, id), layer);
}

function stateOf({ directory }: Pick<Engine, "directory">, id: string): string {
  return join(directory, "workspaces", id);
}
