/**
 * Check catalog: what a store's catalog is, and what it knows of the store.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { catalogFormat, catalogLosses, databaseDamage } from "../../catalog/inspect-catalog.js";
import { countOf } from "../output/count-of.js";
import type { Check } from "./check.js";

/** The catalog's file in the store's directory. */
const CATALOG_FILE = "catalog.sqlite";
/** The file of what is built on snapshots, likewise. */
const LEDGER_FILE = join("ledger", "ledger.sqlite");

/** Returns whether a directory holds a store that this version reads. */
export function checkFormat(directory: string): Check {
  const name = "format";
  const file = join(directory, CATALOG_FILE);
  if (!existsSync(file)) {
    const remedy = "check the path, or make a store with coppice init";
    return { name, status: "failed", message: "there is no store", remedy };
  }
  const { isCatalog, version, versionMax } = catalogFormat(file);
  if (!isCatalog) {
    const message = `${CATALOG_FILE} is another program's`;
    return { name, status: "failed", message, remedy: "check the path" };
  }
  if (version <= versionMax) return { name, status: "ok", message: `version ${version}` };
  const message = `version ${version}, this Coppice reads up to ${versionMax}`;
  return { name, status: "failed", message, remedy: "upgrade Coppice" };
}

/** Returns whether the catalog is whole, as SQLite sees it. Reads all of it. */
export function checkCatalog(directory: string): Check {
  const file = join(directory, CATALOG_FILE);
  return checkDatabase("catalog", file, "keep the packs: they hold all that snapshots do");
}

/** Returns whether the names of agents, sandboxes and profiles are whole, where there are any. Reads all of their database. */
export function checkLedger(directory: string): Check {
  const name = "ledger";
  const file = join(directory, LEDGER_FILE);
  if (!existsSync(file)) return { name, status: "ok", message: "there is none yet" };
  return checkDatabase(name, file, "put it back from a copy: snapshots are whole without it");
}

function checkDatabase(name: string, file: string, remedy: string): Check {
  const found = databaseDamage(file);
  if (found === undefined) return { name, status: "ok", message: "SQLite finds no damage" };
  return { name, status: "failed", message: found.replace(/\s*\n\s*/g, " "), remedy };
}

/** Returns what the last capture or restore found to be damaged or lost. */
export function checkLosses(directory: string): Check {
  const name = "losses";
  const { powerLoss, damagedPacks } = catalogLosses(join(directory, CATALOG_FILE));
  if (damagedPacks.length > 0) {
    const names = damagedPacks.map((pack) => pack.name).join(", ");
    const message = `${countOf(damagedPacks.length, "pack")} damaged: ${names}`;
    const remedy = "put them back from a copy of the store";
    return { name, status: "failed", message, remedy };
  }
  if (powerLoss === undefined) return { name, status: "ok", message: "none known" };
  const found = new Date(powerLoss.foundMs).toISOString();
  const ids = powerLoss.snapshots.map(({ id }) => id).join(", ");
  return {
    name,
    status: "warning",
    message: `a power cut, found ${found}, took ${ids}`,
    remedy: "capture with full durability what must not be lost",
  };
}

/** Returns what was begun in the store and has not come to its end. */
export function checkUnfinished(directory: string): Check {
  const name = "unfinished";
  const { sealedPacks, isErasing } = catalogLosses(join(directory, CATALOG_FILE));
  if (isErasing) {
    const message =
      "an erasure has not come to its end: bytes of what it erased may be in the packs";
    const remedy = "erase the same again, which proves that they are gone";
    return { name, status: "warning", message, remedy };
  }
  if (sealedPacks.length === 0) return { name, status: "ok", message: "nothing" };
  const names = sealedPacks.map((pack) => pack.name).join(", ");
  const message = `${countOf(sealedPacks.length, "pack")} may hold more than the catalog lists: ${names}`;
  const remedy = "run coppice repair, which takes in what they hold";
  return { name, status: "warning", message, remedy };
}
