/**
 * Clear leftovers: what processes leave that are killed while they make or discard a workspace.
 *
 * A workspace's row, mount and directory in the store come to be under one write transaction. So what is there without a
 * row, while no other process writes, is nobody's.
 */
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../snapshot/engine.js";
import type { Mount } from "../system/mount-table.js";
import { readMounts } from "../system/mount-table.js";
import { systemCalls } from "../system/system-calls.js";
import { OVERLAY_SOURCE, stateInOptions } from "./overlayfs/overlay-options.js";
import { discardLater, trashPath } from "./trash.js";

/** What was cleared. */
export interface Leftovers {
  /** Directories of workspaces that nobody knows. */
  readonly directories: number;
  /** Mounts on such. */
  readonly mounts: number;
}

/**
 * Clears what no workspace is. Costs a look at a directory, and at the mounts only where something is found.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
 */
export function clearLeftovers(engine: Engine): Leftovers {
  const { catalog, directory } = engine;
  const home = join(directory, "workspaces");
  let directories = 0;
  let mounts = 0;
  if (existsSync(home)) {
    catalog.workspaces.alone(() => {
      const known = new Set(catalog.workspaces.all().map(({ id }) => id));
      const strays = readdirSync(home).filter((id) => !known.has(id));
      if (strays.length === 0) return;
      mounts = unmountStrays((mount) =>
        strays.some((id) => isOverlayOf(mount, id) || isBelow(mount, join(home, id))),
      );
      for (const id of strays) renameSync(join(home, id), trashPath(engine, id));
      directories = strays.length;
    });
  }
  const trash = join(directory, "trash");
  if (existsSync(trash) && readdirSync(trash).length > 0) {
    mounts += unmountStrays((mount) => isBelow(mount, trash));
    discardLater(engine);
  }
  return { directories, mounts };
}

/** Unmounts the mounts for which something holds; returns how many there were. */
function unmountStrays(isStray: (mount: Mount) => boolean): number {
  const calls = systemCalls();
  if ("unavailable" in calls) return 0;
  const strays = (readMounts() ?? []).filter(isStray);
  // The last one first: others may lie below it.
  for (const { mountPoint } of strays.reverse()) calls.unmount(mountPoint, true);
  return strays.length;
}

function isBelow({ mountPoint }: Mount, directory: string): boolean {
  return mountPoint.toString().startsWith(`${directory}/`);
}

/** Whether a mount is the overlay of a workspace. */
function isOverlayOf({ source, fileSystemOptions }: Mount, id: string): boolean {
  const state = stateInOptions(id, undefined);
  return (
    source === OVERLAY_SOURCE &&
    fileSystemOptions.some(([, value]) => value?.includes(state) === true)
  );
}
