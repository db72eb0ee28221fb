/**
 * Workspace info: what a store knows of a workspace, without attaching it.
 */
import type { WorkspaceRow } from "../catalog/workspace-table.js";
import type { DriverName } from "./driver.js";
import type { DriverReport } from "./drivers.js";

/** A workspace as the store lists it. */
export interface WorkspaceInfo {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The directory that programs work in, absolute. */
  readonly path: string;
  /** The name that it was given. */
  readonly name: string | undefined;
  /** How the directory comes to be. */
  readonly driver: DriverName;
  /** The drivers that would have been better, and why they could not be used when it was forked. */
  readonly passedOver: readonly Required<DriverReport>[];
  /** Whether nobody can write to it. */
  readonly isReadOnly: boolean;
  /** False while it is made, restored or discarded, and after whoever did that was killed. */
  readonly isWhole: boolean;
  /** Id of the snapshot that it was forked from or restored to last. */
  readonly base: string;
  /** Id of the snapshot that it was last in the state of. */
  readonly head: string;
  /** When it was forked. */
  readonly createdAt: Date;
}

/** Returns what a row says. */
export function workspaceInfo(row: WorkspaceRow): WorkspaceInfo {
  const { createdMs, bootId: _boot, layer: _layer, omit: _omit, driver, passedOver, ...info } = row;
  return {
    ...info,
    driver: driver as DriverName,
    passedOver: passedOver as WorkspaceInfo["passedOver"],
    createdAt: new Date(createdMs),
  };
}
