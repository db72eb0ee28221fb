/**
 * Inspect catalog: looks at a catalog's file without opening the store or changing anything, since what keeps
 * a store from being opened is what one wants to know.
 */

import { type Database, openSqlite } from "../database/sqlite.js";
import { WriteTransaction } from "../database/write-transaction.js";
import { ChunkIndex } from "./chunk-index.js";
import { CollectionTable } from "./collection-table.js";
import { HoldTable } from "./hold-table.js";
import type { PackState, PowerLossRecord } from "./loss-table.js";
import { LossTable } from "./loss-table.js";
import { PinTable } from "./pin-table.js";
import { APPLICATION_ID, STORE_FORMAT_VERSION } from "./schema.js";
import { SnapshotTable } from "./snapshot-table.js";

/** What a catalog's file is. */
export interface CatalogFormat {
  /** Whether it is Coppice's. */
  readonly isCatalog: boolean;
  readonly version: number;
  /** The newest version that can be read. */
  readonly versionMax: number;
}

/** Returns what a file is, as SQLite sees it. Reads its header. */
export function catalogFormat(file: string): CatalogFormat {
  return look(file, (database) => ({
    isCatalog: database.pragma("application_id", { simple: true }) === APPLICATION_ID,
    version: Number(database.pragma("user_version", { simple: true })),
    versionMax: STORE_FORMAT_VERSION,
  }));
}

/** Returns the first damage that SQLite finds in one of the store's databases, or `undefined`. Reads all of the file. */
export function databaseDamage(file: string): string | undefined {
  const found = look(file, (database) => database.pragma("quick_check(1)", { simple: true }));
  return found === "ok" ? undefined : String(found);
}

/** What a catalog knows of its store. */
export interface CatalogLosses {
  readonly powerLoss: PowerLossRecord | undefined;
  readonly damagedPacks: readonly PackState[];
  /** Those to which nothing is appended until a repair has looked. */
  readonly sealedPacks: readonly PackState[];
  /** Whether an erasure has not come to its end. */
  readonly isErasing: boolean;
}

/** Returns what the catalog knows to be lost, damaged or unfinished. */
export function catalogLosses(file: string): CatalogLosses {
  return look(file, (database) => {
    const transaction = new WriteTransaction(database, "");
    const chunks = new ChunkIndex(database, transaction);
    const holds = new HoldTable(database, transaction, chunks, "");
    const pins = new PinTable(database, transaction);
    const snapshots = new SnapshotTable(database, transaction, holds, pins);
    const losses = new LossTable(database, transaction, chunks, snapshots, "");
    const packs = losses.packs();
    return {
      powerLoss: losses.powerLoss,
      damagedPacks: packs.filter((pack) => pack.readableBytes !== undefined),
      sealedPacks: packs.filter((pack) => pack.isSealed),
      isErasing: new CollectionTable(database, transaction, holds, chunks, "").isErasing,
    };
  });
}

function look<T>(file: string, body: (database: Database) => T): T {
  const database = openSqlite(file, { readonly: true });
  try {
    return body(database);
  } finally {
    database.close();
  }
}
