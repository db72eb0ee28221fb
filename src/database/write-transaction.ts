/**
 * Write transaction: changes to a database under its write lock, looks at it, and in the store's terms why
 * they could not be made.
 */

import { CoppiceError } from "../model/error.js";
import { listed } from "../model/listed.js";
import type { Durability } from "../model/options.js";
import type { Database } from "./sqlite.js";

export class WriteTransaction {
  readonly #database: Database;
  readonly #session: string;
  readonly #name: string;
  /** What SQLite was told last. */
  #durability: Durability | undefined;

  /**
   * @param session the own one, which an error does not name
   * @param name what messages call the database
   */
  constructor(database: Database, session: string, name = "catalog") {
    this.#database = database;
    this.#session = session;
    this.#name = name;
  }

  /**
   * Runs some changes: all of them are made, or none.
   *
   * @param durability `relaxed` where a power cut may take them back, with all that came after: costs no fsync
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, CORRUPT, IO
   */
  run<T>(body: () => T, durability: Durability = "full"): T {
    try {
      this.#setDurability(durability);
      this.#database.prepare("BEGIN IMMEDIATE").run();
      const result = body();
      this.#database.prepare("COMMIT").run();
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw this.#explain(error);
    }
  }

  /**
   * Looks at the database.
   *
   * @throws {CoppiceError} CORRUPT, STORE_BUSY, STORE_CLOSED, IO
   */
  read<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * Looks at the database several times, as it is at one moment.
   *
   * @throws {CoppiceError} CORRUPT, STORE_BUSY, STORE_CLOSED, IO
   */
  readTogether<T>(body: () => T): T {
    return this.read(() => {
      if (this.#database.inTransaction) return body();
      this.#database.prepare("BEGIN").run();
      try {
        return body();
      } finally {
        if (this.#database.inTransaction) this.#database.prepare("COMMIT").run();
      }
    });
  }

  /** In WAL mode NORMAL leaves the sync to the next checkpoint. */
  #setDurability(durability: Durability): void {
    if (this.#durability === durability) return;
    this.#durability = undefined;
    this.#database.pragma(`synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    this.#durability = durability;
  }

  #explain(error: unknown): unknown {
    if (error instanceof CoppiceError) return error;
    if (!this.#database.open) {
      return new CoppiceError("STORE_CLOSED", "Cannot use store: it is closed, open it again", {
        cause: error,
      });
    }
    const code = (error as { code?: string }).code ?? "";
    if (code.startsWith("SQLITE_BUSY")) {
      const others = this.#database
        .prepare("SELECT pid, host, started_ms FROM session WHERE id <> ?")
        .all(this.#session) as { pid: number; host: string; started_ms: number }[];
      const who = others.map(
        (each) =>
          `pid ${each.pid} on ${each.host} since ${new Date(each.started_ms).toISOString()}`,
      );
      return new CoppiceError(
        "STORE_BUSY",
        `Cannot write to ${this.#name}: it is locked, open in ${listed(who)}; try again`,
        { cause: error },
      );
    }
    if (code === "SQLITE_FULL") {
      return new CoppiceError(
        "DISK_FULL",
        `Cannot write to ${this.#name}: the disk is full, free space and try again`,
        { cause: error },
      );
    }
    // What is not even JSON or a number any more is damage as well.
    const isDamage =
      error instanceof SyntaxError ||
      error instanceof RangeError ||
      DAMAGES.some((each) => code.startsWith(each));
    if (isDamage) {
      return new CoppiceError("CORRUPT", `Cannot read ${this.#name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    if (code.startsWith("SQLITE_")) {
      return new CoppiceError("IO", `Cannot write to ${this.#name}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return error;
  }
}

/**
 * Beginnings of SQLite's codes for damage. Of the others than its own two: no such column or table, or rows that
 * contradict these. Every statement is right where the tables are those of the schema.
 */
const DAMAGES = [
  "SQLITE_CORRUPT",
  "SQLITE_NOTADB",
  "SQLITE_ERROR",
  "SQLITE_CONSTRAINT",
  "SQLITE_MISMATCH",
];
