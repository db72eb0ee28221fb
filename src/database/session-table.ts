/**
 * Session table: this process's session and the others', in a database that has a table `session`.
 */

import type { SessionLock } from "./session-lock.js";
import { clearStrayLocks, sessionRow, startSession, tryLock } from "./session-lock.js";
import type { Database } from "./sqlite.js";
import type { WriteTransaction } from "./write-transaction.js";

/** The table of a database whose sessions own what its other tables say. */
export const SESSION_TABLE = `
  CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    pid        INTEGER NOT NULL,
    host       TEXT NOT NULL,
    started_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** What a session is. */
export interface SessionParts {
  readonly id: string;
  /** The directory of the sessions' locks. */
  readonly locks: string;
  /** Takes out of the database what a session owned, within a transaction. */
  forgetOwned(database: Database, session: string): void;
}

export class SessionTable {
  readonly id: string;
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #locks: string;
  readonly #forgetOwned: SessionParts["forgetOwned"];
  /** Held from the first write on. */
  #lock: SessionLock | undefined;
  #hasCleared = false;

  constructor(
    database: Database,
    transaction: WriteTransaction,
    { id, locks, forgetOwned }: SessionParts,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#locks = locks;
    this.#forgetOwned = forgetOwned;
    this.id = id;
  }

  /**
   * Starts the session and gives back what dead ones owned. The first call costs a transaction or two, others nothing.
   *
   * @param whileAlone called where no other session is left
   */
  begin(whileAlone: (() => void) | undefined): void {
    if (this.#lock === undefined) this.#start();
    if (this.#hasCleared) return;
    this.clearDead(whileAlone);
    this.#hasCleared = true;
  }

  /** Takes the session out of the database; its lock is still to be released. */
  end(): void {
    if (this.#lock === undefined) return;
    try {
      this.#transaction.run(() => this.#forget(this.id), "relaxed");
    } catch {
      // On a full disk, for instance. The lock tells that it is over: whoever writes to the store
      // next gives back what it owned.
    }
  }

  /** Releases the lock. Idempotent. */
  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** In one transaction with its row: whoever clears stray locks sees both or neither. */
  #start(): void {
    let lock: SessionLock | undefined;
    try {
      this.#transaction.run(() => {
        lock = startSession(this.#locks, this.id);
        this.#database
          .prepare("INSERT INTO session (id, pid, host, started_ms) VALUES (?, ?, ?, ?)")
          .run(...sessionRow(this.id, Date.now()));
      }, "relaxed");
    } catch (error) {
      lock?.release();
      throw error;
    }
    this.#lock = lock;
  }

  /**
   * Recovery: gives back what the sessions owned whose processes are gone (S3).
   *
   * @param whileAlone called where no other session is left
   */
  clearDead(whileAlone?: () => void): void {
    for (const id of this.#others()) {
      const lock = tryLock(this.#locks, id);
      if (lock === undefined) continue;
      try {
        this.#transaction.run(() => this.#forget(id), "relaxed");
      } finally {
        lock.release();
      }
    }
    this.#transaction.run(() => {
      const others = this.#others();
      clearStrayLocks(this.#locks, [this.id, ...others]);
      if (others.length === 0) whileAlone?.();
    }, "relaxed");
  }

  #others(): string[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT id FROM session WHERE id <> ?").pluck().all(this.id),
    ) as string[];
  }

  #forget(id: string): void {
    this.#forgetOwned(this.#database, id);
    this.#database.prepare("DELETE FROM session WHERE id = ?").run(id);
  }
}
