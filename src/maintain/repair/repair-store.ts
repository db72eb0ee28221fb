/**
 * Repair store: repairs a store that perhaps cannot be opened.
 */
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { CATALOG_FILE } from "../../catalog/open-database.js";
import type { Disk } from "../../disk/disk.js";
import { nodeDisk } from "../../disk/node-disk.js";
import { xxh64Ready } from "../../hash/xxh64.js";
import { CoppiceError } from "../../model/error.js";
import type { Engine } from "../../snapshot/engine.js";
import { closeEngine, openEngine, requireOwner } from "../../snapshot/engine.js";
import { rebuild } from "./rebuild.js";
import type { RepairOptions } from "./repair.js";
import { repair } from "./repair.js";
import type { RepairReport } from "./repair-report.js";

/** Repairs the store of a directory; see `Store.repair`. */
export async function repairStore(
  directory: string,
  options: RepairOptions,
  diskOf: (root: string) => Disk = nodeDisk,
): Promise<RepairReport> {
  await xxh64Ready;
  const path = resolve(directory);
  if (!existsSync(join(path, CATALOG_FILE)) && !existsSync(join(path, "packs"))) {
    throw new CoppiceError(
      "NOT_A_STORE",
      `Cannot repair ${path}: there are neither a catalog nor packs, check the path`,
      { path },
    );
  }
  requireOwner(path);
  const engine = openIfWhole(path, diskOf);
  if (engine === undefined) return rebuild(realpathSync(path), diskOf(realpathSync(path)), options);
  try {
    return await repair(engine, options);
  } finally {
    closeEngine(engine);
  }
}

/** Opens a store; `undefined` where its catalog is missing or damaged. */
function openIfWhole(path: string, diskOf: (root: string) => Disk): Engine | undefined {
  if (!existsSync(join(path, CATALOG_FILE))) return undefined;
  let engine: Engine | undefined;
  try {
    engine = openEngine(path, false, diskOf);
    if (engine.catalog.checks.catalogDamage() === undefined) {
      // What cannot be read is damaged, even where SQLite finds nothing.
      engine.catalog.storeId;
      for (const _ of engine.catalog.snapshots.all());
      return engine;
    }
  } catch (error) {
    const { code } = error as Partial<CoppiceError>;
    if (engine !== undefined) closeEngine(engine);
    const mayBeOurs = code === "NOT_A_STORE" && existsSync(join(path, "packs"));
    if (code === "CORRUPT" || mayBeOurs) return undefined;
    throw error;
  }
  closeEngine(engine);
  return undefined;
}
