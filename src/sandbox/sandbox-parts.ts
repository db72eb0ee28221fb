/**
 * Sandbox parts: what the calls of a sandbox work with, and its row as it is at the moment.
 */
import type { Workspace } from "../index.js";
import { CoppiceError } from "../model/error.js";
import type { ResolveSecret } from "./sandbox-config.js";
import type { SandboxRow } from "./sandbox-row.js";
import { findRow } from "./sandbox-row.js";
import type { SandboxStore } from "./store-calls.js";

export interface SandboxParts {
  readonly store: SandboxStore;
  readonly id: string;
  readonly workspace: Workspace;
  readonly resolveSecret: ResolveSecret | undefined;
}

/**
 * Returns the row of a sandbox that lives.
 *
 * @throws {CoppiceError} NOT_FOUND
 */
export function livingRow({ ledger }: SandboxStore, key: string): SandboxRow {
  const row = ledger.transaction.read(() => findRow(ledger.database, key));
  if (row !== undefined && isLiving(row)) return row;
  const state =
    row?.state === "deleted" || row?.change === "delete"
      ? "it was deleted"
      : "there is none of that id or name";
  throw new CoppiceError(
    "NOT_FOUND",
    `Cannot find sandbox ${key}: ${state}, list the sandboxes or make it again from one of its snapshots`,
  );
}

/** Whether there is a sandbox, and not only the beginning or the end of one (B1). */
export function isLiving({ state, change }: SandboxRow): boolean {
  return state !== "deleted" && change !== "create" && change !== "delete";
}

/** Returns the error of something that cannot be done with a sandbox that is paused. */
export function paused(id: string, action: string): CoppiceError {
  return new CoppiceError(
    "SANDBOX_PAUSED",
    `Cannot ${action} in sandbox ${id}: it is paused, resume it first`,
  );
}
