/**
 * Rebuild: a store whose catalog cannot be used gets a new one, made from the packs alone. It takes its place by a rename, once it
 * is whole; the old one is put aside.
 */
import { join } from "node:path";
import { tryLock } from "../../database/session-lock.js";
import type { Disk } from "../../disk/disk.js";
import { CoppiceError } from "../../model/error.js";
import { NewCatalog } from "./new-catalog.js";
import { Quarantine } from "./quarantine.js";
import type { RepairOptions } from "./repair.js";
import { repair } from "./repair.js";
import type { RepairReport } from "./repair-report.js";

/** The lock that keeps two rebuilds apart; no session's name. */
const LOCK = "repair";
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
  const made = new NewCatalog(directory, disk, isDryRun);
  let report: RepairReport;
  try {
    report = await repair(made.start(), options, () => made.start());
  } catch (error) {
    made.discard();
    throw error;
  }
  const quarantine = new Quarantine(disk, isDryRun);
  made.putInPlace(quarantine);
  return {
    ...report,
    quarantined: [...report.quarantined, ...quarantine.paths],
    remarks: [...made.remarks, ...report.remarks],
  };
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
