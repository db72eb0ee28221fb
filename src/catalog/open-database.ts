/**
 * Opens the catalog's SQLite file, makes it where there is none, and refuses one that has lost what it had.
 */

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openDatabaseFile } from "../database/open-database-file.js";
import type { Database } from "../database/sqlite.js";
import { CoppiceError } from "../model/error.js";
import { APPLICATION_ID, SCHEMA, STORE_FORMAT_VERSION } from "./schema.js";

/** The catalog, below the store. */
export const CATALOG_FILE = "catalog.sqlite";

/**
 * Returns the catalog's database, with its tables.
 *
 * @param file its path
 * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, CORRUPT, UNSUPPORTED
 */
export function openDatabase(file: string): Database {
  return openDatabaseFile(file, {
    name: "catalog",
    applicationId: APPLICATION_ID,
    version: STORE_FORMAT_VERSION,
    schema: SCHEMA,
    remedy: "run coppice repair",
    requireNew: () => requireNoPacks(file),
    begin(database) {
      database
        .prepare("INSERT INTO meta VALUES ('store_id', ?)")
        .run(randomBytes(16).toString("hex"));
    },
  });
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
