/**
 * Inspect catalog: looks at a catalog's file without opening the store or changing anything, since what keeps
 * a store from being opened is what one wants to know.
 */
import { ChunkIndex } from "./chunk-index.js";
import { HoldTable } from "./hold-table.js";
import type { PackState, PowerLossRecord } from "./loss-table.js";
import { LossTable } from "./loss-table.js";
import { PinTable } from "./pin-table.js";
import { APPLICATION_ID, STORE_FORMAT_VERSION } from "./schema.js";
import { SnapshotTable } from "./snapshot-table.js";
import { type Database, openSqlite } from "./sqlite.js";
import { WriteTransaction } from "./write-transaction.js";

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

/** Returns the first damage that SQLite finds, or `undefined`. Reads all of the file. */
export function catalogDamage(file: string): string | undefined {
  const found = look(file, (database) => database.pragma("quick_check(1)", { simple: true }));
  return found === "ok" ? undefined : String(found);
}

/** Returns what the catalog knows to be lost or damaged. */
export function catalogLosses(file: string): {
  readonly powerLoss: PowerLossRecord | undefined;
  readonly damagedPacks: readonly PackState[];
} {
  return look(file, (database) => {
    const transaction = new WriteTransaction(database, "");
    const chunks = new ChunkIndex(database, transaction);
    const snapshots = new SnapshotTable(
      database,
      transaction,
      new HoldTable(database, transaction, chunks, ""),
      new PinTable(database, transaction),
    );
    const losses = new LossTable(database, transaction, chunks, snapshots, "");
    return {
      powerLoss: losses.powerLoss,
      damagedPacks: losses.packs().filter((pack) => pack.readableBytes !== undefined),
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
