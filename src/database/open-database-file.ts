/**
 * Opens one of the store's SQLite files, makes its tables where there are none, and refuses what it must not touch.
 */

import type { CoppiceErrorCode } from "../model/error.js";
import { CoppiceError } from "../model/error.js";
import { prepareOnce } from "./prepare-once.js";
import { prepareSharedMemory } from "./prepare-shared-memory.js";
import { type Database, openSqlite } from "./sqlite.js";

/** What a file is, and how it comes to be. */
export interface DatabaseKind {
  /** What messages call it. */
  readonly name: string;
  /** Marks it as ours (`PRAGMA application_id`). */
  readonly applicationId: number;
  /** The version of its tables, from 1 on (`PRAGMA user_version`). */
  readonly version: number;
  /** Its tables; one of them is `session` (see session-table). */
  readonly schema: string;
  /** What to do where it is damaged, for messages. */
  readonly remedy: string;
  /** Refuses an empty file that should not be one. */
  readonly requireNew?: () => void;
  /** Puts in what a new one has from the start. */
  readonly begin?: (database: Database) => void;
}

/** How long a write waits for another process's transaction; these last milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Pages of the WAL from which on a commit brings them into the database, which it syncs: 16 MiB instead of SQLite's 4, since small
 * snapshots write the same few pages again and again.
 */
const CHECKPOINT_PAGES = 4_096;

/** A WAL file left by a large capture is cut back to this size after its checkpoint. */
const WAL_BYTES_MAX = 4 * 1024 * 1024;

/** WAL-reset could lose committed pages before this version (sqlite.org, "WAL mode: The WAL-reset bug"). */
const SQLITE_MINIMUM = [3, 51, 3] as const;

/**
 * Returns a database with its tables.
 *
 * WAL with `synchronous=FULL`: a commit is on stable storage when it returns. `relaxed` sets NORMAL,
 * where a power cut may lose the newest commits, never the file.
 *
 * @param file its path; it exists, since SQLite would make it readable for everyone
 * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, CORRUPT, UNSUPPORTED
 */
export function openDatabaseFile(file: string, kind: DatabaseKind): Database {
  prepareSharedMemory(file);
  const database = openSqlite(file, { timeout: BUSY_TIMEOUT_MS });
  prepareOnce(database);
  try {
    requireSqliteVersion(database);
    requireOurs(database, file, kind);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma(`journal_size_limit = ${WAL_BYTES_MAX}`);
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma("foreign_keys = OFF");
    prepareSchema(database, file, kind);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof CoppiceError) throw error;
    const { code = "", message } = error as Error & { code?: string };
    const [known, remedy] = OPEN_FAILURES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? IO;
    const what = remedy ?? kind.remedy;
    throw new CoppiceError(known, `Cannot open ${kind.name} ${file}: ${message}, ${what}`, {
      cause: error,
      path: file,
    });
  }
}

function prepareSchema(database: Database, file: string, kind: DatabaseKind): void {
  const version = (): number => database.pragma("user_version", { simple: true }) as number;
  if (version() === 0) {
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have made the tables while this one waited for the lock.
      if (version() === 0) {
        database.exec(kind.schema);
        kind.begin?.(database);
        database.pragma(`application_id = ${kind.applicationId}`);
        database.pragma(`user_version = ${kind.version}`);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.inTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
  if (version() > kind.version) {
    throw new CoppiceError(
      "STORE_TOO_NEW",
      `Cannot open store: the format of its ${kind.name} is version ${version()}, this Coppice reads up to ${kind.version}; upgrade Coppice`,
      { path: file },
    );
  }
}

/** Before anything is changed: a file without tables is new, any other must carry our mark. */
function requireOurs(database: Database, file: string, kind: DatabaseKind): void {
  if (database.pragma("application_id", { simple: true }) === kind.applicationId) return;
  if (database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0) {
    kind.requireNew?.();
    return;
  }
  throw new CoppiceError(
    "NOT_A_STORE",
    `Cannot open ${kind.name} ${file}: it is another program's database, give another directory`,
    { path: file },
  );
}

/** What SQLite's refusals mean, by the beginnings of its codes, and what to do where that does not depend on the file. */
const OPEN_FAILURES: readonly (readonly [string, readonly [CoppiceErrorCode, string?]])[] = [
  ["SQLITE_BUSY", ["STORE_BUSY", "another process works on it, try again"]],
  ["SQLITE_FULL", ["DISK_FULL", "free space and try again"]],
  // Its shared memory could not be made: it is a file, and that needs space for 32 KiB.
  ["SQLITE_IOERR_SHMSIZE", ["DISK_FULL", "free space and try again"]],
  ["SQLITE_CORRUPT", ["CORRUPT"]],
  ["SQLITE_NOTADB", ["CORRUPT"]],
];
const IO: readonly [CoppiceErrorCode, string] = ["IO", "see the cause"];

function requireSqliteVersion(database: Database): void {
  const text = database.prepare("SELECT sqlite_version()").pluck().get() as string;
  const parts = text.split(".").map(Number);
  for (const [index, minimum] of SQLITE_MINIMUM.entries()) {
    const part = parts[index] ?? 0;
    if (part > minimum) return;
    if (part < minimum) {
      throw new CoppiceError(
        "UNSUPPORTED",
        `Cannot open store: SQLite ${text} may lose committed data, install better-sqlite3 with SQLite ${SQLITE_MINIMUM.join(".")} or later`,
      );
    }
  }
}
