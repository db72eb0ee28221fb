/**
 * New catalog: one that is made beside the old one, until it is whole and takes its place by a rename.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Catalog } from "../../catalog/catalog.js";
import { CATALOG_FILE } from "../../catalog/open-database.js";
import type { Disk } from "../../disk/disk.js";
import { makeOwnFile } from "../../disk/own-files.js";
import { syncFile } from "../../disk/sync-file.js";
import { ChunkReader } from "../../pack/chunk-reader.js";
import type { Engine } from "../../snapshot/engine.js";
import { closeEngine } from "../../snapshot/engine.js";
import { StoredObjects } from "../../snapshot/stored-objects.js";
import type { Quarantine } from "./quarantine.js";
import { storeIdOfPacks } from "./sort-pack-files.js";

/** A catalog that was being made when its process ended. */
const UNFINISHED = /^catalog\.sqlite\.[0-9a-f]{16}\.tmp(-wal|-shm)?$/;
/** SQLite's files beside the database, which is the last of them. */
const SUFFIXES = ["-wal", "-shm", ""];

export class NewCatalog {
  readonly #directory: string;
  readonly #disk: Disk;
  /** `undefined` in a dry run: it is in memory then. */
  readonly #name: string | undefined;
  #engine: Engine | undefined;
  #remarks: readonly string[] = [];

  /** Removes what others left that were made before. */
  constructor(directory: string, disk: Disk, isDryRun: boolean) {
    this.#directory = directory;
    this.#disk = disk;
    for (const name of disk.list("")) if (UNFINISHED.test(name)) disk.remove(name);
    this.#name = isDryRun ? undefined : `${CATALOG_FILE}.${randomBytes(8).toString("hex")}.tmp`;
  }

  /** What people should know of the old catalog. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  /** Returns a store with a catalog in which only what the old one alone knew is; throws away what was made before. */
  start(): Engine {
    if (this.#engine !== undefined) this.discard();
    const directory = this.#directory;
    const file = this.#name === undefined ? ":memory:" : join(directory, this.#name);
    if (this.#name !== undefined) makeOwnFile(file);
    const catalog = new Catalog(directory, file);
    const chunks = new ChunkReader(this.#disk, catalog);
    const objects = new StoredObjects(catalog.chunks, chunks);
    this.#engine = { directory, disk: this.#disk, catalog, chunks, objects };
    this.#remarks = salvage(this.#engine);
    return this.#engine;
  }

  /** Closes and removes it. */
  discard(): void {
    this.#close();
    if (this.#name === undefined) return;
    for (const suffix of SUFFIXES) this.#disk.remove(this.#name + suffix);
  }

  /** Has it be the store's catalog, and the old one be put aside. */
  putInPlace(quarantine: Quarantine): void {
    this.#close();
    // The log first: beside the new catalog it would be taken for its own.
    for (const suffix of SUFFIXES)
      if (existsSync(join(this.#directory, CATALOG_FILE + suffix)))
        quarantine.take(CATALOG_FILE + suffix);
    if (this.#name === undefined) return;
    syncFile(this.#disk, this.#name);
    this.#disk.rename(this.#name, CATALOG_FILE);
    this.#disk.syncDirectory("");
  }

  #close(): void {
    if (this.#engine !== undefined) closeEngine(this.#engine);
    this.#engine = undefined;
  }
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
