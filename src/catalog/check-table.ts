/**
 * Check table: when packs were checked last and which snapshots are known to miss something, in the catalog.
 */
import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";

/** What is known of the checks of a pack. Times are milliseconds since 1970, 0 where there was none. */
export interface PackCheck {
  readonly pack: number;
  /** When the last check of the whole pack began, and how long the pack was. */
  readonly checkedMs: number;
  readonly checkedBytes: number;
  /** The same of the last one that computed SHA-256. */
  readonly deepMs: number;
  readonly deepBytes: number;
  /** When a check began that was interrupted, and up to where it found all as it should be. */
  readonly begunMs: number;
  readonly doneBytes: number;
  /** Whether that one computes SHA-256. */
  readonly isDeep: boolean;
}

/** A verification of everything that did not end. */
export interface UnfinishedCheck {
  readonly begunMs: number;
  readonly isDeep: boolean;
}

/** Where it is kept, in `meta`. */
const UNFINISHED_KEY = "verification";

/** A snapshot that misses something. */
export interface DegradedRow {
  /** Its id. */
  readonly snapshot: string;
  /** In how many paths. */
  readonly paths: number;
}

export class CheckTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  /** Returns what is known, by the packs' numbers. */
  packs(): Map<number, PackCheck> {
    const rows = this.#transaction.read(() =>
      this.#database
        .prepare(
          `SELECT pack, checked_ms AS checkedMs, checked AS checkedBytes, deep_ms AS deepMs, deep AS deepBytes,
           begun_ms AS begunMs, done AS doneBytes, is_deep AS isDeep FROM pack_check`,
        )
        .all(),
    ) as (Omit<PackCheck, "isDeep"> & { readonly isDeep: number })[];
    return new Map(rows.map((row) => [row.pack, { ...row, isDeep: row.isDeep === 1 }]));
  }

  /**
   * Notes checks of packs that are still there.
   *
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO; where this process may not write, too
   */
  note(checks: readonly PackCheck[]): void {
    if (checks.length === 0) return;
    this.#transaction.run(() => {
      const note = this.#database.prepare(
        "INSERT OR REPLACE INTO pack_check SELECT id, ?, ?, ?, ?, ?, ?, ? FROM pack WHERE id = ?",
      );
      for (const check of checks) {
        const { checkedMs, checkedBytes, deepMs, deepBytes, begunMs, doneBytes, isDeep } = check;
        note.run(
          ...[checkedMs, checkedBytes, deepMs, deepBytes, begunMs, doneBytes],
          ...[isDeep ? 1 : 0, check.pack],
        );
      }
    }, "relaxed");
  }

  /** Returns when the verification of everything began that did not end, and whether it computes SHA-256. */
  unfinished(): UnfinishedCheck | undefined {
    const text = this.#transaction.read(() =>
      this.#database.prepare("SELECT value FROM meta WHERE key = ?").pluck().get(UNFINISHED_KEY),
    ) as string | undefined;
    return text === undefined ? undefined : (JSON.parse(text) as UnfinishedCheck);
  }

  /** Notes that a verification of everything begins, or with `undefined` that it has ended. */
  noteUnfinished(check: UnfinishedCheck | undefined): void {
    this.#transaction.run(() => {
      if (check === undefined)
        this.#database.prepare("DELETE FROM meta WHERE key = ?").run(UNFINISHED_KEY);
      else
        this.#database
          .prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)")
          .run(UNFINISHED_KEY, JSON.stringify(check));
    }, "relaxed");
  }

  /** Returns the snapshots that are known to miss something. */
  degraded(): DegradedRow[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT snapshot, paths FROM degraded ORDER BY snapshot").all(),
    ) as DegradedRow[];
  }

  /** Notes which snapshots miss something: all that are there. */
  noteDegraded(rows: readonly DegradedRow[]): void {
    this.#transaction.run(() => {
      this.#database.prepare("DELETE FROM degraded").run();
      const note = this.#database.prepare(
        "INSERT INTO degraded SELECT id, ? FROM snapshot WHERE id = ?",
      );
      for (const { snapshot, paths } of rows) note.run(paths, snapshot);
    });
  }

  /** Returns the first damage that SQLite finds in the catalog's own file, or `undefined`. Reads all of it. */
  catalogDamage(): string | undefined {
    const found = this.#transaction.read(() =>
      this.#database.pragma("quick_check(1)", { simple: true }),
    );
    return found === "ok" ? undefined : String(found).replace(/\s*\n\s*/g, " ");
  }
}
