/**
 * Workspaces: what a store does with them.
 */
import { resolve } from "node:path";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Engine } from "../snapshot/engine.js";
import { deepestExisting } from "../snapshot/source.js";
import { startWriting } from "../snapshot/start-writing.js";
import type { AttachOptions } from "./attach.js";
import { attach } from "./attach.js";
import type { Leftovers } from "./clear-leftovers.js";
import { clearLeftovers } from "./clear-leftovers.js";
import type { DriverName } from "./driver.js";
import type { DriverReport } from "./drivers.js";
import { driverOf, reportDrivers } from "./drivers.js";
import type { ForkOptions, OwnForkOptions } from "./fork.js";
import { fork } from "./fork.js";
import { hideUnusedImages } from "./overlayfs/overlayfs-driver.js";
import { trashEmptied } from "./trash.js";
import type { Workspace } from "./workspace.js";
import type { WorkspaceInfo } from "./workspace-info.js";
import { workspaceInfo } from "./workspace-info.js";

/** Forks a snapshot; see `Store.fork`. */
export async function forkSnapshot(
  engine: Engine,
  snapshot: SnapshotRow,
  options: ForkOptions,
  own?: OwnForkOptions,
): Promise<Workspace> {
  clearOnce(engine);
  return fork(engine, snapshot, options, own);
}

/** Forks a snapshot several times, one after the other; see `Store.fork`. */
export async function forkSeveral(
  engine: Engine,
  snapshot: SnapshotRow,
  count: number,
  { dir, name, ...options }: ForkOptions,
): Promise<PromiseSettledResult<Workspace>[]> {
  const forks: Promise<Workspace>[] = [];
  for (let number = 1; number <= count; number++) {
    const made = forkSnapshot(engine, snapshot, {
      ...options,
      ...(dir !== undefined && { dir: `${dir}-${number}` }),
      ...(name !== undefined && { name: `${name}-${number}` }),
    });
    forks.push(made);
    await made.catch(() => undefined);
  }
  return Promise.allSettled(forks);
}

/** Returns a workspace that is there; see `Store.workspace`. */
export async function attachWorkspace(
  engine: Engine,
  key: string,
  options: AttachOptions,
): Promise<Workspace> {
  clearOnce(engine);
  return attach(engine, findWorkspace(engine, key), options);
}

/** Ends a workspace; see `Store.discard`. */
export async function endWorkspace(
  engine: Engine,
  key: string,
  isForced: boolean,
): Promise<WorkspaceInfo> {
  clearOnce(engine);
  const row = findWorkspace(engine, key);
  try {
    await driverOf(engine, row.driver as DriverName)
      .files(row)
      .remove(row, isForced);
  } catch (error) {
    throw explainSystemError(error, `discard workspace ${row.path}`);
  }
  return workspaceInfo(row);
}

/** Tries the drivers; see `Store.drivers`. */
export async function tryDrivers(
  engine: Engine,
  directory: string = engine.directory,
): Promise<DriverReport[]> {
  return reportDrivers(engine, deepestExisting(resolve(directory)));
}

/** Clears what killed processes left; see `Store.clearLeftovers`. */
export async function clearWorkspaces(engine: Engine): Promise<Leftovers> {
  startWriting(engine);
  const found = clearLeftovers(engine);
  hideUnusedImages(engine);
  await trashEmptied(engine);
  return found;
}

/** Returns once what is under way has ended; images that no workspace stands on are unmounted. */
export async function leaveWorkspaces(engine: Engine): Promise<void> {
  await trashEmptied(engine);
  hideUnusedImages(engine);
}

/** @throws {CoppiceError} NOT_FOUND */
function findWorkspace({ catalog }: Engine, key: string): WorkspaceRow {
  const row = catalog.workspaces.find(key) ?? catalog.workspaces.find(resolve(key));
  if (row !== undefined) return row;
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot find workspace ${key}: none has that id, name or directory, list the workspaces`,
  );
}

const cleared = new WeakSet<Engine>();

/** The first use of workspaces in a process clears what killed ones left. */
function clearOnce(engine: Engine): void {
  startWriting(engine);
  if (cleared.has(engine)) return;
  cleared.add(engine);
  clearLeftovers(engine);
}
