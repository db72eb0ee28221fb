/**
 * Sandbox info: what a store knows of a sandbox, without using it.
 */
import type { FreezerReport } from "./processes/freezer.js";
import { bootOf } from "./processes/proc.js";
import type { Isolation } from "./run/isolation.js";
import type { SandboxConfig } from "./sandbox-config.js";
import type { SandboxRow, SandboxState } from "./sandbox-row.js";

/** A sandbox as the store lists it. */
export interface SandboxInfo {
  /** Names it in its store, for ever. */
  readonly id: string;
  /** The name that it was given. */
  readonly name?: string;
  /** Whether its processes run. */
  readonly state: SandboxState;
  /** Id of its workspace. */
  readonly workspace: string;
  /** Id of the snapshot that it began as. */
  readonly base: string;
  /** Id of the snapshot that it was restored from (`Sandbox.fromSnapshot`). */
  readonly restoredFrom?: string;
  /** What an agent in it runs with. */
  readonly config: SandboxConfig;
  /** How its commands are kept from what is not theirs. */
  readonly isolation: Isolation;
  /** What stops its processes. */
  readonly freezer: FreezerReport;
  /** When it was made. */
  readonly createdAt: Date;
}

/** Returns what a row says of a sandbox that lives or lived. */
export function sandboxInfo(row: SandboxRow): SandboxInfo {
  return {
    id: row.id,
    ...(row.name !== undefined && { name: row.name }),
    state: stateOf(row),
    workspace: row.workspace!,
    base: row.base!,
    ...(row.restoredFrom !== undefined && { restoredFrom: row.restoredFrom }),
    config: row.config,
    isolation: row.isolation,
    freezer: row.freezer,
    createdAt: new Date(row.createdMs),
  };
}

/** When the machine was started anew, nothing that was paused is there any more: it runs, without processes. */
export function stateOf({ state, boot, change }: SandboxRow): SandboxState {
  if (state === "deleted" || change === "delete") return "deleted";
  return state === "paused" && boot !== bootOf() ? "running" : state;
}
