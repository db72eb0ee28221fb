/**
 * Rebuild: a store whose catalog cannot be used gets a new one, made from the packs alone. It takes its place by a rename, once it
 * is whole; the old one is put aside.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Catalog } from "../../catalog/catalog.js";
import { CATALOG_FILE } from "../../catalog/open-database.js";
import { tryLock } from "../../database/session-lock.js";
import type { Disk } from "../../disk/disk.js";
import { makeOwnFile } from "../../disk/own-files.js";
import { syncFile } from "../../disk/sync-file.js";
import { CoppiceError } from "../../model/error.js";
import { ChunkReader } from "../../pack/chunk-reader.js";
import type { Engine } from "../../snapshot/engine.js";
import { closeEngine } from "../../snapshot/engine.js";
import { StoredObjects } from "../../snapshot/stored-objects.js";
import { Quarantine } from "./quarantine.js";
import type { RepairOptions } from "./repair.js";
import { repair } from "./repair.js";
import type { RepairReport } from "./repair-report.js";
import { storeIdOfPacks } from "./sort-pack-files.js";

/** The lock that keeps two rebuilds apart; no session's name. */
const LOCK = "repair";
/** A catalog that was being made when its process ended. */
const UNFINISHED = /^catalog\.sqlite\.[0-9a-f]{16}\.tmp(-wal|-shm)?$/;
const SESSION_LOCK = /^([0-9a-f]{16})\.lock$/;

/**
 * Makes the catalog of a store anew.
 *
 * @param directory the store's, absolute
 * @throws {CoppiceError} STORE_BUSY where somebody has the store open, or repairs it
 */
export async function rebuild(
  directory: string,
  disk: Disk,
  options: RepairOptions,
): Promise<RepairReport> {
  for (const each of ["packs", "cache", "sessions"]) disk.makeDirectory(each);
  const lock = tryLock(join(directory, "sessions"), LOCK);
  if (lock === undefined) throw busy(directory, "another process repairs it");
  try {
    requireAlone(directory, disk);
    return await rebuildAlone(directory, disk, options);
  } finally {
    lock.release();
  }
}

async function rebuildAlone(
  directory: string,
  disk: Disk,
  options: RepairOptions,
): Promise<RepairReport> {
  const isDryRun = options.dryRun ?? false;
  for (const name of disk.list("")) if (UNFINISHED.test(name)) disk.remove(name);
  const name = `${CATALOG_FILE}.${randomBytes(8).toString("hex")}.tmp`;
  if (!isDryRun) makeOwnFile(join(directory, name));
  const engine = newEngine(directory, disk, isDryRun ? ":memory:" : join(directory, name));
  let report: RepairReport;
  const remarks: string[] = [];
  try {
    remarks.push(...salvage(engine));
    report = await repair(engine, options, true);
  } catch (error) {
    closeEngine(engine);
    if (!isDryRun) for (const suffix of SUFFIXES) disk.remove(name + suffix);
    throw error;
  }
  closeEngine(engine);
  const quarantine = new Quarantine(disk, isDryRun);
  // The log first: beside the new catalog it would be taken for its own.
  for (const suffix of SUFFIXES)
    if (existsSync(join(directory, CATALOG_FILE + suffix))) quarantine.take(CATALOG_FILE + suffix);
  if (!isDryRun) putInPlace(disk, name);
  return {
    ...report,
    quarantined: [...report.quarantined, ...quarantine.paths],
    remarks: [...remarks, ...report.remarks],
  };
}

/** SQLite's files beside the database, which is the last of them. */
const SUFFIXES = ["-wal", "-shm", ""];

function newEngine(directory: string, disk: Disk, file: string): Engine {
  const catalog = new Catalog(directory, file);
  const chunks = new ChunkReader(disk, catalog);
  const objects = new StoredObjects(catalog.chunks, chunks);
  return { directory, disk, catalog, chunks, objects };
}

/** Takes over what the old catalog alone knows, as far as it can be read. */
function salvage({ catalog, directory, disk }: Engine): string[] {
  const remarks: string[] = [];
  const old = join(directory, CATALOG_FILE);
  if (existsSync(old)) {
    try {
      const torn = catalog.repairs.salvage(old);
      if (torn.length > 0)
        remarks.push(`the old catalog could not be read whole: ${torn.join(", ")}`);
    } catch (error) {
      remarks.push(`nothing of the old catalog could be read: ${(error as Error).message}`);
    }
  }
  const storeId = storeIdOfPacks(disk);
  if (storeId !== undefined) catalog.repairs.setStoreId(storeId);
  return remarks;
}

function putInPlace(disk: Disk, name: string): void {
  syncFile(disk, name);
  disk.rename(name, CATALOG_FILE);
  disk.syncDirectory("");
}

/** Nobody may have the old catalog open. */
function requireAlone(directory: string, disk: Disk): void {
  for (const name of disk.list("sessions")) {
    const id = SESSION_LOCK.exec(name)?.[1];
    if (id === undefined) continue;
    const lock = tryLock(join(directory, "sessions"), id);
    if (lock === undefined) throw busy(directory, "another process has it open");
    lock.release();
  }
}

function busy(directory: string, why: string): CoppiceError {
  return new CoppiceError("STORE_BUSY", `Cannot repair ${directory}: ${why}, wait for it`);
}
