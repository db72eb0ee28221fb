/**
 * Sandbox processes: what was started in a sandbox, as the ledger and the system tell it.
 */
import type { Freezer } from "./processes/freezer.js";
import { freezerOf } from "./processes/freezer.js";
import type { ProcessKey } from "./processes/proc.js";
import type { SandboxRow } from "./sandbox-row.js";
import type { SandboxStore } from "./store-calls.js";

/** In the environment of each program that is started in a sandbox: its id. */
export const VARIABLE = "COPPICE_SANDBOX";

/** Returns what stops a sandbox's processes. */
export function freezerFor(
  { ledger }: SandboxStore,
  { id, freezer }: Pick<SandboxRow, "id" | "freezer">,
): Freezer {
  const roots = () =>
    ledger.transaction.read(() =>
      ledger.database
        .prepare("SELECT pid, started, boot FROM sandbox_process WHERE sandbox = ?")
        .all(id),
    ) as ProcessKey[];
  return freezerOf(freezer, { roots, variable: `${VARIABLE}=${id}` });
}

/** Notes a program that was started, within a transaction. */
export function noteProcess(
  { ledger }: SandboxStore,
  sandbox: string,
  { pid, started, boot }: ProcessKey,
): void {
  ledger.database
    .prepare(
      "INSERT OR REPLACE INTO sandbox_process (sandbox, pid, started, boot) VALUES (?, ?, ?, ?)",
    )
    .run(sandbox, pid, started, boot);
}

/** Forgets one that has ended, within a transaction. */
export function forgetProcess(
  { ledger }: SandboxStore,
  sandbox: string,
  { pid, started, boot }: ProcessKey,
): void {
  ledger.database
    .prepare(
      "DELETE FROM sandbox_process WHERE sandbox = ? AND pid = ? AND started = ? AND boot = ?",
    )
    .run(sandbox, pid, started, boot);
}
