/**
 * Workspaces: what a store does with them, with what the machine must have for it.
 */
import { resolve } from "node:path";
import type { SnapshotRow } from "../catalog/snapshot-table.js";
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import { CoppiceError } from "../model/error.js";
import type { Engine } from "../snapshot/engine.js";
import { systemCalls } from "../system/system-calls.js";
import type { AttachOptions, ForkOptions } from "./fork.js";
import { attach, fork } from "./fork.js";
import { unmountUnused } from "./image-layers.js";
import { trashEmptied } from "./trash.js";
import type { Workspace, WorkspaceEngine } from "./workspace.js";
import { discardWorkspace } from "./workspace.js";
import type { WorkspaceInfo } from "./workspace-info.js";
import { workspaceInfo } from "./workspace-info.js";

/** Forks a snapshot; see `Store.fork`. */
export function forkSnapshot(
  engine: Engine,
  snapshot: SnapshotRow,
  options: ForkOptions,
): Promise<Workspace> {
  return workspacesOf(engine).fork(snapshot, options);
}

/** Returns a workspace that is there; see `Store.workspace`. */
export async function attachWorkspace(
  engine: Engine,
  key: string,
  options: AttachOptions,
): Promise<Workspace> {
  return attach(workspacesOf(engine), findWorkspace(engine, key), options);
}

/** Ends a workspace; see `Store.discard`. */
export async function endWorkspace(
  engine: Engine,
  key: string,
  isForced: boolean,
): Promise<WorkspaceInfo> {
  const row = findWorkspace(engine, key);
  engine.catalog.beginWriting();
  discardWorkspace(workspacesOf(engine), row, isForced);
  return workspaceInfo(row);
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

/** Returns once what is under way has ended; images that no workspace stands on are unmounted. */
export async function leaveWorkspaces(engine: Engine): Promise<void> {
  await trashEmptied(engine);
  const calls = systemCalls();
  if (!("unavailable" in calls)) unmountUnused(engine, calls);
}

function workspacesOf(engine: Engine): WorkspaceEngine {
  const calls = systemCalls();
  if ("unavailable" in calls)
    throw new CoppiceError("UNSUPPORTED", `Cannot use workspaces: ${calls.unavailable}`);
  const workspaces: WorkspaceEngine = {
    engine,
    calls,
    fork: (snapshot, options) => fork(workspaces, snapshot, options),
  };
  return workspaces;
}
