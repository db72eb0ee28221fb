/**
 * Pause sandbox: stopping all that was started in it, having it go on, ending it.
 */
import { CoppiceError } from "../model/error.js";
import { endSandbox } from "./end-sandbox.js";
import { bootOf } from "./processes/proc.js";
import { noteEvent } from "./sandbox-events.js";
import { isLiving, livingRow } from "./sandbox-parts.js";
import { freezerFor } from "./sandbox-processes.js";
import type { RowChange, SandboxChange, SandboxRow } from "./sandbox-row.js";
import { findRow, updateRow } from "./sandbox-row.js";
import { beginWriting } from "./settle.js";
import type { SandboxStore } from "./store-calls.js";

/** Stops all processes of a sandbox; see `Sandbox.pause`. */
export async function pauseSandbox(store: SandboxStore, id: string): Promise<void> {
  await beginWriting(store);
  const row = begin(store, id, "pause", { state: "paused", boot: bootOf() });
  const freezer = freezerFor(store, row);
  try {
    await freezer.freeze();
  } catch (error) {
    // Those that did stop go on.
    await freezer.thaw().catch(() => undefined);
    end(store, id, { state: "running", boot: null }, () =>
      noteEvent(store.ledger.database, id, "failed", {
        action: "pause",
        message: String((error as Error).message),
      }),
    );
    throw error;
  }
  end(store, id, {}, () => noteEvent(store.ledger.database, id, "paused"));
}

/** Has all processes of a sandbox go on; see `Sandbox.resume`. */
export async function resumeSandbox(store: SandboxStore, id: string): Promise<void> {
  await beginWriting(store);
  const row = begin(store, id, "resume", {});
  try {
    await freezerFor(store, row).thaw();
  } catch (error) {
    end(store, id, {}, () => undefined);
    throw error;
  }
  end(store, id, { state: "running", boot: null }, () =>
    noteEvent(store.ledger.database, id, "resumed"),
  );
}

/** Ends a sandbox; see `Sandbox.delete`. */
export async function deleteSandbox(store: SandboxStore, key: string): Promise<void> {
  await beginWriting(store);
  const { id } = livingRow(store, key);
  const row = begin(store, id, "delete", {});
  try {
    await endSandbox(store, row);
  } catch (error) {
    // It is no sandbox any more; whoever comes next ends it.
    end(store, id, { change: "delete" }, () => undefined);
    throw error;
  }
}

/** Notes what is going to be done, before the first step of it. */
function begin(
  { ledger }: SandboxStore,
  id: string,
  change: SandboxChange,
  also: RowChange,
): SandboxRow {
  return ledger.transaction.run(() => {
    const row = findRow(ledger.database, id);
    if (row === undefined || !isLiving(row))
      throw new CoppiceError("NOT_FOUND", `Cannot ${change} sandbox ${id}: it was deleted`);
    if (row.change !== undefined)
      throw new CoppiceError(
        "STORE_BUSY",
        `Cannot ${change} sandbox ${id}: its ${row.change} is under way, try again`,
      );
    updateRow(ledger.database, id, { ...also, change, session: ledger.sessions.id });
    return row;
  });
}

function end({ ledger }: SandboxStore, id: string, also: RowChange, note: () => void): void {
  ledger.transaction.run(() => {
    updateRow(ledger.database, id, { change: null, session: null, ...also });
    note();
  });
}
