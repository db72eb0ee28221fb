/**
 * Settle: what sessions had begun that died is ended or taken back (L2).
 *
 * | begun | becomes |
 * | --- | --- |
 * | create | nothing: workspace, own base and row go |
 * | pause | paused |
 * | resume | running |
 * | delete | deleted |
 * | a snapshot | one, where the engine has it: its workspace stands on it; else nothing |
 * | deleting a snapshot | deleted, once no workspace stands on it |
 */
import { removeIfFree } from "../ledger/remove-if-free.js";
import { endSandbox, undoCreation } from "./end-sandbox.js";
import { freezerFor } from "./sandbox-processes.js";
import type { SandboxRow } from "./sandbox-row.js";
import { abandonedRows, updateRow } from "./sandbox-row.js";
import { LABELS } from "./settings.js";
import type { SnapshotRecord } from "./snapshot-row.js";
import { abandonedRecords, completeSnapshot, deleteRecord } from "./snapshot-row.js";
import type { SandboxStore } from "./store-calls.js";

/**
 * Has this process's session begin, and ends or takes back what sessions had begun that died. The first call costs a
 * transaction or two, others two statements.
 *
 * @throws {CoppiceError} STORE_BUSY, DISK_FULL, CORRUPT, IO
 */
export async function beginWriting(store: SandboxStore): Promise<void> {
  store.ledger.sessions.begin(undefined);
  await settle(store);
}

async function settle(store: SandboxStore): Promise<void> {
  const { ledger } = store;
  const rows = ledger.transaction.read(() => abandonedRows(ledger.database));
  for (const row of rows) if (claim(store, row)) await settleSandbox(store, row);
  const records = ledger.transaction.read(() => abandonedRecords(ledger.database));
  for (const record of records) await settleSnapshot(store, record);
}

async function settleSandbox(store: SandboxStore, row: SandboxRow): Promise<void> {
  const { database, transaction } = store.ledger;
  try {
    if (row.change === "create") await undoCreation(store, row.id);
    else if (row.change === "delete") await endSandbox(store, row);
    else {
      const freezer = freezerFor(store, row);
      await (row.change === "pause" ? freezer.freeze() : freezer.thaw());
      transaction.run(() =>
        updateRow(database, row.id, {
          change: null,
          session: null,
          state: row.change === "pause" ? "paused" : "running",
        }),
      );
    }
  } catch {
    // Whoever comes next tries again; what is begun now has nothing to do with it. Who deletes it is told.
    transaction.run(() => updateRow(database, row.id, { session: null }), "relaxed");
  }
}

/** Of several who find it one does it. */
function claim({ ledger }: SandboxStore, row: SandboxRow): boolean {
  return ledger.transaction.run(() => {
    const { changes } = ledger.database
      .prepare("UPDATE sandbox SET session = ? WHERE id = ? AND change = ? AND session IS NULL")
      .run(ledger.sessions.id, row.id, row.change);
    return changes === 1;
  }, "relaxed");
}

async function settleSnapshot(store: SandboxStore, record: SnapshotRecord): Promise<void> {
  const { database, transaction } = store.ledger;
  if (record.change === "delete" && record.id !== undefined) {
    if (!(await removeIfFree(store, record.id))) return;
  } else {
    const [made] = await store.snapshots({ labels: { [LABELS.token]: record.token }, limit: 1 });
    if (made !== undefined) {
      transaction.run(() => completeSnapshot(database, record, made));
      return;
    }
  }
  transaction.run(() => deleteRecord(database, record.token), "relaxed");
}
