/**
 * Pin table: the snapshots that nothing removes, in the catalog.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { CoppiceError } from "../model/error.js";

/** A pin as the catalog keeps it. */
export interface PinRow {
  /** The snapshot's id. */
  readonly snapshot: string;
  readonly note: string | undefined;
  readonly pinnedMs: number;
}

export class PinTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  /** Returns all pins, the newest first. */
  all(): PinRow[] {
    const rows = this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT snapshot, note, pinned_ms AS pinnedMs FROM pin ORDER BY pinned_ms DESC, snapshot",
        )
        .all(),
    ) as (Omit<PinRow, "note"> & { readonly note: string | null })[];
    return rows.map((row) => ({ ...row, note: row.note ?? undefined }));
  }

  /**
   * Pins a snapshot; of one that is pinned the note becomes this one.
   *
   * @throws {CoppiceError} NOT_FOUND where it was removed meanwhile
   */
  put({ snapshot, note, pinnedMs }: PinRow): void {
    this.#transaction.run(() => {
      const { changes } = this.#database
        .prepare(
          `INSERT INTO pin SELECT id, ?, ? FROM snapshot WHERE id = ?
           ON CONFLICT (snapshot) DO UPDATE SET note = excluded.note`,
        )
        .run(note ?? null, pinnedMs, snapshot);
      if (changes === 1) return;
      throw new CoppiceError("NOT_FOUND", `Cannot pin snapshot ${snapshot}: it was removed`);
    });
  }

  /** Unpins a snapshot. Returns whether it was pinned. */
  remove(snapshot: string): boolean {
    return this.#transaction.run(
      () =>
        this.#database.prepare("DELETE FROM pin WHERE snapshot = ?").run(snapshot).changes === 1,
    );
  }

  /**
   * Refuses a pinned snapshot; within a write transaction.
   *
   * @throws {CoppiceError} IN_USE
   */
  requireNone(snapshot: string): void {
    const pin = this.#database.prepare("SELECT note FROM pin WHERE snapshot = ?").get(snapshot) as
      | { readonly note: string | null }
      | undefined;
    if (pin === undefined) return;
    const note = pin.note === null ? "" : ` (${pin.note})`;
    throw new CoppiceError(
      "IN_USE",
      `Cannot remove snapshot ${snapshot}: it is pinned${note}, unpin it first`,
    );
  }

  /** Forgets the pin of a snapshot that goes; within a write transaction. */
  drop(snapshot: string): void {
    this.#database.prepare("DELETE FROM pin WHERE snapshot = ?").run(snapshot);
  }
}
