/**
 * SQLite: the better-sqlite3 that this Node.js can load, chosen by what each is built for. To load the wrong one would
 * end the process, so nothing is tried.
 *
 * - better-sqlite3 13 is built for Node-API 10, that is Node.js 22.14 and later.
 * - better-sqlite3 12 is what Node.js 20 can load. From 24.19 on it aborts the process as that ends.
 *
 * Both are optional dependencies: npm leaves out the one that is not meant for the Node.js at hand.
 */

import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { CoppiceError } from "../model/error.js";

/** What is used of a database; those who compile against this library need no types of better-sqlite3. */
export interface Database {
  /** Whether it is not closed. */
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare<Parameters extends unknown[] = unknown[], Row = unknown>(
    source: string,
  ): Statement<Parameters, Row>;
  exec(source: string): unknown;
  pragma(source: string, options?: { readonly simple?: boolean }): unknown;
  close(): unknown;
}

/** What is used of a prepared statement. */
export interface Statement<Parameters extends unknown[] = unknown[], Row = unknown> {
  run(...parameters: Parameters): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  };
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  iterate(...parameters: Parameters): IterableIterator<Row>;
  /** Has rows be the values of their first columns. */
  pluck(): this;
  /** Has rows be arrays. */
  raw(): this;
}

/** How a database is opened. */
export interface OpenSqliteOptions {
  readonly readonly?: boolean;
  /** How long to wait for another process's lock, milliseconds. */
  readonly timeout?: number;
}

/** The Node-API that better-sqlite3 13 is built for. */
const NODE_API = 10;

/** The one that is used here, as package.json names it. */
export const SQLITE_PACKAGE =
  Number(process.versions.napi) >= NODE_API ? "better-sqlite3" : "better-sqlite3-12";

let sqlite: typeof BetterSqlite3 | undefined;

/**
 * Opens a database, as the constructor of better-sqlite3 does.
 *
 * @throws {CoppiceError} UNSUPPORTED where npm left better-sqlite3 out, or did not build it
 */
export function openSqlite(file: string, options: OpenSqliteOptions = {}): Database {
  sqlite ??= loadSqlite();
  return new sqlite(file, options);
}

function loadSqlite(): typeof BetterSqlite3 {
  try {
    const Database: typeof BetterSqlite3 = createRequire(import.meta.url)(SQLITE_PACKAGE);
    // The first database loads the native part.
    new Database(":memory:").close();
    return Database;
  } catch (cause) {
    const [problem] = (cause as Error).message.split("\n", 1);
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot load ${SQLITE_PACKAGE} in Node.js ${process.version}: ${problem}; let npm install optional dependencies and run the install script of better-sqlite3, then: npm rebuild ${SQLITE_PACKAGE}`,
      { cause },
    );
  }
}
