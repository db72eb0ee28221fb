/**
 * Retention table: the retention policy of a store, and what it is measured by, in the catalog.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import type { RetentionPolicy } from "../model/retention-policy.js";

/** Where the policy is kept, JSON; and its `maxBytes` once more, since each commit looks at that. */
const POLICY_KEY = "retention";
const MAX_BYTES_KEY = "max_bytes";

/** What a plan needs to know of a snapshot. */
export interface RetentionRow {
  readonly id: string;
  readonly name: string | undefined;
  readonly source: string;
  readonly createdMs: number;
  /** Grows with each snapshot, whatever the clock says. */
  readonly sequence: number;
}

export class RetentionTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  /** The policy, or `undefined`. */
  get policy(): RetentionPolicy | undefined {
    return this.#transaction.read(() => {
      const text = this.#database
        .prepare("SELECT value FROM meta WHERE key = ?")
        .pluck()
        .get(POLICY_KEY) as string | undefined;
      return text === undefined ? undefined : (JSON.parse(text) as RetentionPolicy);
    });
  }

  /** Sets the policy; an empty one is none. */
  set(policy: RetentionPolicy): void {
    const { maxBytes } = policy;
    this.#transaction.run(() => {
      this.#put(POLICY_KEY, Object.keys(policy).length === 0 ? undefined : JSON.stringify(policy));
      this.#put(MAX_BYTES_KEY, maxBytes === undefined ? undefined : String(maxBytes));
    });
  }

  /** Bytes that the packs hold, without what was given back to the disk in place. */
  get heldBytes(): number {
    return this.#transaction.read(() =>
      this.#database
        .prepare("SELECT coalesce(sum(length - freed), 0) FROM pack WHERE retired = 0")
        .pluck()
        .get(),
    ) as number;
  }

  /** Whether the packs hold more than they may. Costs a microsecond where there is no bound, and else a look at each pack's row. */
  get isOver(): boolean {
    const maxBytes = this.#transaction.read(() =>
      this.#database.prepare("SELECT value FROM meta WHERE key = ?").pluck().get(MAX_BYTES_KEY),
    ) as string | undefined;
    return maxBytes !== undefined && this.heldBytes > Number(maxBytes);
  }

  /** Notes how much of a pack was given back in place, all in all. */
  noteFreed(pack: number, bytes: number): void {
    this.#transaction.run(
      () =>
        this.#database
          .prepare("UPDATE pack SET freed = min(length, ?) WHERE id = ? AND freed <> ?")
          .run(bytes, pack, bytes),
      "relaxed",
    );
  }

  /** Returns all snapshots, the newest first. */
  snapshots(): RetentionRow[] {
    const rows = this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT id, name, source, created_ms AS createdMs, sequence FROM snapshot ORDER BY sequence DESC",
        )
        .all(),
    ) as (Omit<RetentionRow, "name"> & { readonly name: string | null })[];
    return rows.map((row) => ({ ...row, name: row.name ?? undefined }));
  }

  #put(key: string, value: string | undefined): void {
    if (value === undefined) this.#database.prepare("DELETE FROM meta WHERE key = ?").run(key);
    else this.#database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  }
}
