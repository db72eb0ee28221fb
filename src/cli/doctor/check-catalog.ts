/**
 * Check catalog: looks at a store's SQLite file without changing it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { APPLICATION_ID, STORE_FORMAT_VERSION } from "../../catalog/schema.js";
import type { Check } from "./check.js";

/** The catalog's file in the store's directory. */
const CATALOG_FILE = "catalog.sqlite";

/** Returns whether a directory holds a store that this version reads. */
export function checkFormat(directory: string): Check {
  const name = "format";
  if (!existsSync(join(directory, CATALOG_FILE))) {
    const remedy = "check the path, or make a store with coppice init";
    return { name, status: "failed", message: "there is no store", remedy };
  }
  return look(directory, (database) => {
    if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
      const message = `${CATALOG_FILE} is another program's`;
      return { name, status: "failed", message, remedy: "check the path" };
    }
    const version = Number(database.pragma("user_version", { simple: true }));
    if (version <= STORE_FORMAT_VERSION)
      return { name, status: "ok", message: `version ${version}` };
    const message = `version ${version}, this Coppice reads up to ${STORE_FORMAT_VERSION}`;
    return { name, status: "failed", message, remedy: "upgrade Coppice" };
  });
}

/** Returns whether the catalog is whole, as SQLite sees it. Reads all of it. */
export function checkCatalog(directory: string): Check {
  const name = "catalog";
  return look(directory, (database) => {
    const found = database.pragma("quick_check(1)", { simple: true });
    if (found === "ok") return { name, status: "ok", message: "SQLite finds no damage" };
    const message = String(found).replace(/\s*\n\s*/g, " ");
    const remedy = "keep the packs: they hold all that snapshots do";
    return { name, status: "failed", message, remedy };
  });
}

function look(directory: string, body: (database: Database.Database) => Check): Check {
  const database = new Database(join(directory, CATALOG_FILE), { readonly: true });
  try {
    return body(database);
  } finally {
    database.close();
  }
}
