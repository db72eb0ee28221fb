/**
 * Opens the catalog's SQLite file, makes it where there is none, and refuses what it must not touch.
 */

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CoppiceErrorCode } from "../model/error.js";
import { CoppiceError } from "../model/error.js";
import { prepareOnce } from "./prepare-once.js";
import { prepareSharedMemory } from "./prepare-shared-memory.js";
import { APPLICATION_ID, SCHEMA, STORE_FORMAT_VERSION } from "./schema.js";
import { type Database, openSqlite } from "./sqlite.js";

/** The catalog, below the store. */
export const CATALOG_FILE = "catalog.sqlite";

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
 * Returns the catalog's database, with its tables.
 *
 * WAL with `synchronous=FULL`: a commit is on stable storage when it returns. `relaxed` sets NORMAL,
 * where a power cut may lose the newest commits, never the file.
 *
 * @param file its path
 * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, CORRUPT, UNSUPPORTED
 */
export function openDatabase(file: string): Database {
  prepareSharedMemory(file);
  const database = openSqlite(file, { timeout: BUSY_TIMEOUT_MS });
  prepareOnce(database);
  try {
    requireSqliteVersion(database);
    requireOurs(database, file);
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma(`journal_size_limit = ${WAL_BYTES_MAX}`);
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma("foreign_keys = OFF");
    prepareSchema(database, file);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof CoppiceError) throw error;
    const { code = "", message } = error as Error & { code?: string };
    const [known, remedy] = OPEN_FAILURES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? IO;
    throw new CoppiceError(known, `Cannot open catalog ${file}: ${message}, ${remedy}`, {
      cause: error,
      path: file,
    });
  }
}

function prepareSchema(database: Database, file: string): void {
  const version = (): number => database.pragma("user_version", { simple: true }) as number;
  if (version() === 0) {
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have made the tables while this one waited for the lock.
      if (version() === 0) {
        database.exec(SCHEMA);
        database
          .prepare("INSERT INTO meta VALUES ('store_id', ?)")
          .run(randomBytes(16).toString("hex"));
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma(`user_version = ${STORE_FORMAT_VERSION}`);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.inTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
  if (version() > STORE_FORMAT_VERSION) {
    throw new CoppiceError(
      "STORE_TOO_NEW",
      `Cannot open store: its format is version ${version()}, this Coppice reads up to ${STORE_FORMAT_VERSION}; upgrade Coppice`,
      { path: file },
    );
  }
}

/** A catalog comes before the first pack: an empty one beside packs has lost what it had. */
function requireNoPacks(file: string): void {
  const packs = join(dirname(file), "packs");
  // One that is being made anew has another name.
  if (basename(file) !== CATALOG_FILE || !existsSync(packs)) return;
  if (!readdirSync(packs).some((name) => name.endsWith(".pack"))) return;
  throw new CoppiceError(
    "CORRUPT",
    `Cannot open catalog ${file}: it is empty beside packs, run coppice repair`,
    { path: file },
  );
}

/** Before anything is changed: a file without tables is new, any other must carry our mark. */
function requireOurs(database: Database, file: string): void {
  if (database.pragma("application_id", { simple: true }) === APPLICATION_ID) return;
  if (database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0) {
    requireNoPacks(file);
    return;
  }
  throw new CoppiceError(
    "NOT_A_STORE",
    `Cannot open catalog ${file}: it is another program's database, give another directory`,
    { path: file },
  );
}

/** What SQLite's refusals mean, by the beginnings of its codes. */
const OPEN_FAILURES: readonly (readonly [string, readonly [CoppiceErrorCode, string]])[] = [
  ["SQLITE_BUSY", ["STORE_BUSY", "another process works on it, try again"]],
  ["SQLITE_FULL", ["DISK_FULL", "free space and try again"]],
  // Its shared memory could not be made: it is a file, and that needs space for 32 KiB.
  ["SQLITE_IOERR_SHMSIZE", ["DISK_FULL", "free space and try again"]],
  ["SQLITE_CORRUPT", ["CORRUPT", "run coppice repair"]],
  ["SQLITE_NOTADB", ["CORRUPT", "run coppice repair"]],
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
