/**
 * Own database: a SQLite file of the store beside the catalog, with the sessions that work on it.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeOwnDirectory, makeOwnFile } from "../disk/own-files.js";
import { explainSystemError } from "../model/system-failure.js";
import type { DatabaseKind } from "./open-database-file.js";
import { openDatabaseFile } from "./open-database-file.js";
import { newSessionId } from "./session-lock.js";
import type { SessionParts } from "./session-table.js";
import { SessionTable } from "./session-table.js";
import type { Database } from "./sqlite.js";
import { WriteTransaction } from "./write-transaction.js";

/** The directory of sessions' locks, beside the database. */
const LOCKS = "sessions";

export class OwnDatabase {
  readonly database: Database;
  /** What changes it, and looks at it. */
  readonly transaction: WriteTransaction;
  readonly sessions: SessionTable;

  /**
   * Opens a database, and makes it where there is none.
   *
   * @param file its path, absolute; of the databases in a directory one alone has sessions
   * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, STORE_BUSY, CORRUPT, DISK_FULL, IO, UNSUPPORTED
   */
  constructor(file: string, kind: DatabaseKind, forgetOwned: SessionParts["forgetOwned"]) {
    const directory = dirname(file);
    try {
      const isNew = makeOwnDirectory(join(directory, LOCKS)) !== undefined;
      makeFile(file);
      if (isNew) for (const each of [directory, dirname(directory)]) syncDirectory(each);
    } catch (error) {
      throw explainSystemError(error, `make ${kind.name} ${file}`);
    }
    const session = newSessionId();
    this.database = openDatabaseFile(file, kind);
    this.transaction = new WriteTransaction(this.database, session, kind.name);
    this.sessions = new SessionTable(this.database, this.transaction, {
      id: session,
      locks: join(directory, LOCKS),
      forgetOwned,
    });
  }

  /** Ends the session and closes the file. Idempotent. */
  close(): void {
    if (!this.database.open) return;
    try {
      this.sessions.end();
    } finally {
      this.database.close();
      this.sessions.release();
    }
  }
}

/** SQLite would make it readable for everyone, and its log after it. */
function makeFile(file: string): void {
  try {
    makeOwnFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
