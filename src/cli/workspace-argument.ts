/**
 * Workspace arguments: which workspace a word of the command line means.
 */
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { WorkspaceInfo } from "../index.js";
import type { CommandStore } from "../store/command-store.js";

/** Returns the workspace of an id, a name or a directory, in this order. */
export async function workspaceArgument(
  store: CommandStore,
  argument: string,
): Promise<WorkspaceInfo | undefined> {
  const workspaces = await store.workspaces();
  return called(workspaces, argument) ?? lyingIn(workspaces, argument);
}

/**
 * Returns the workspace that an argument means which may be any directory as well. A directory that is there goes
 * before the id or name of a workspace that lies elsewhere.
 */
export async function directoryOrWorkspace(
  store: CommandStore,
  argument: string,
): Promise<WorkspaceInfo | undefined> {
  const workspaces = await store.workspaces();
  const there = lyingIn(workspaces, argument);
  return there ?? (existsSync(argument) ? undefined : called(workspaces, argument));
}

function called(workspaces: readonly WorkspaceInfo[], key: string): WorkspaceInfo | undefined {
  return workspaces.find(({ id, name }) => id === key || name === key);
}

function lyingIn(
  workspaces: readonly WorkspaceInfo[],
  directory: string,
): WorkspaceInfo | undefined {
  // As the catalog has it: absolute, with symbolic links resolved.
  const wanted = existsSync(directory) ? realpathSync(directory) : resolve(directory);
  return workspaces.find(({ path }) => path === wanted);
}
