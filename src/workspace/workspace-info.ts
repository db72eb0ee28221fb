/**
 * Workspace info: what a store knows of a workspace, without attaching it.
 */
import type { WorkspaceRow } from "../catalog/workspace-table.js";

/** A workspace as the store lists it. */
export interface WorkspaceInfo {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The directory that programs work in, absolute. */
  readonly path: string;
  /** The name that it was given. */
  readonly name: string | undefined;
  /** How the directory comes to be. */
  readonly driver: string;
  /** Id of the snapshot that it was forked from or restored to last. */
  readonly base: string;
  /** Id of the snapshot that it was last in the state of. */
  readonly head: string;
  /** When it was forked. */
  readonly createdAt: Date;
}

/** Returns what a row says. */
export function workspaceInfo(row: WorkspaceRow): WorkspaceInfo {
  const { id, path, name, driver, base, head, createdMs } = row;
  return { id, path, name, driver, base, head, createdAt: new Date(createdMs) };
}
