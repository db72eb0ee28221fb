/**
 * Inspect catalog: looks at a store's SQLite file without changing it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { APPLICATION_ID, STORE_FORMAT_VERSION } from "../../catalog/schema.js";
import type { Check } from "./check.js";

/** The catalog's file in the store's directory. */
const CATALOG_FILE = "catalog.sqlite";

/** Returns what was found of the format and of the file. Reads all of it. */
export async function inspectCatalog(directory: string): Promise<Check[]> {
  const file = join(directory, CATALOG_FILE);
  if (!existsSync(file)) {
    return [{ name: "format", status: "failed", message: `there is no ${CATALOG_FILE}`, remedy: "make a store with coppice init, or check the path" }];
  }
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true });
    try {
      return [checkFormat(database), checkIntegrity(database)];
    } finally {
      database.close();
    }
  } catch (error) {
    return [{ name: "catalog", status: "failed", message: `it cannot be read: ${(error as Error).message}`, remedy: "keep the packs, they hold everything that snapshots contain" }];
  }
}

function checkFormat(database: Database.Database): Check {
  if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
    return { name: "format", status: "failed", message: "it is another program's database", remedy: "check the path" };
  }
  const version = Number(database.pragma("user_version", { simple: true }));
  const message = `version ${version}`;
  if (version <= STORE_FORMAT_VERSION) return { name: "format", status: "ok", message };
  return { name: "format", status: "failed", message: `${message}, this Coppice reads up to ${STORE_FORMAT_VERSION}`, remedy: "upgrade Coppice" };
}

function checkIntegrity(database: Database.Database): Check {
  const found = database.pragma("quick_check(1)", { simple: true });
  if (found === "ok") return { name: "catalog", status: "ok", message: "SQLite finds no damage" };
  return { name: "catalog", status: "failed", message: String(found), remedy: "keep the packs, they hold everything that snapshots contain" };
}
