/**
 * Repair table: what a repair changes in the catalog.
 */

import { type Database, openSqlite } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { CHUNK_ROW_BYTES } from "../pack/chunk-table.js";
import type { ChunkIndex } from "./chunk-index.js";
import type { CollectionTable } from "./collection-table.js";
import type { SnapshotRow, SnapshotTable } from "./snapshot-table.js";

/** A pack of which more counts than the catalog said. */
export interface AdoptedPack {
  readonly id: number;
  /** Up to where it counts, on stable storage. */
  readonly lengthBytes: number;
  /** The chunks that are new, as in a `ChunkTable`. */
  readonly rows: Buffer;
}

/** A chunk's row that is wrong. */
export interface WrongRow {
  readonly digest: Buffer;
  readonly pack: number;
  /** The rest of the row in its pack. */
  readonly place: Buffer;
}

/** What a repair does at once. */
export interface RepairedRows {
  readonly packs: readonly AdoptedPack[];
  readonly wrong: readonly WrongRow[];
  /** Parents before their children. */
  readonly snapshots: readonly SnapshotRow[];
}

/** Tables that follow from the packs, or mean nothing once the sessions of their time have ended. */
const NOT_SALVAGED = [
  "pack",
  "chunk",
  "recent_chunk",
  "snapshot",
  "merge_parent",
  "session",
  "hold",
  "pack_check",
  "degraded",
];

export class RepairTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #chunks: ChunkIndex;
  readonly #snapshots: SnapshotTable;
  readonly #collection: CollectionTable;
  readonly #session: string;

  /** @param session the own one */
  constructor(
    database: Database,
    transaction: WriteTransaction,
    tables: { chunks: ChunkIndex; snapshots: SnapshotTable; collection: CollectionTable },
    session: string,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#chunks = tables.chunks;
    this.#snapshots = tables.snapshots;
    this.#collection = tables.collection;
    this.#session = session;
  }

  /**
   * Takes a pack, whatever it was closed to appending for, and closes it until `apply`: whoever finds it after a crash appends nothing, and
   * collects nothing of it. One that the catalog does not list comes to be listed, with nothing in it.
   *
   * @returns its number; `undefined` where another session has it
   */
  own(name: string): number | undefined {
    return this.#transaction.run(() => {
      this.#database
        .prepare("INSERT OR IGNORE INTO pack (name, length, synced, sealed) VALUES (?, 0, 0, 1)")
        .run(name);
      return this.#database
        .prepare(
          "UPDATE pack SET session = @session, sealed = 1 WHERE name = @name AND (session IS NULL OR session = @session) RETURNING id",
        )
        .pluck()
        .get({ session: this.#session, name }) as number | undefined;
    });
  }

  /** Forgets a pack that the caller's session owns, in which no chunk lies and whose file is not among the packs any more. */
  forget(id: number): void {
    this.#transaction.run(() => {
      this.#database
        .prepare("DELETE FROM pack WHERE id = ? AND session = ?")
        .run(id, this.#session);
      this.#database.prepare("DELETE FROM pack_check WHERE pack = ?").run(id);
    });
  }

  /** Adds and removes rows, and gives the packs back. */
  apply({ packs, wrong, snapshots }: RepairedRows): void {
    this.#transaction.run(() => {
      this.#chunks.joinRecent();
      const remove = this.#database.prepare(
        "DELETE FROM chunk WHERE digest = ? AND pack = ? AND place = ?",
      );
      for (const { digest, pack, place } of wrong) remove.run(digest, pack, place);
      if (wrong.length > 0) this.#collection.countRemoval();
      const set = this.#database.prepare(
        "UPDATE pack SET length = ?, synced = ?, sealed = 0, session = NULL WHERE id = ? AND session = ?",
      );
      for (const { id, lengthBytes, rows } of packs) {
        if (set.run(lengthBytes, lengthBytes, id, this.#session).changes !== 1)
          throw new Error(`Pack ${id} is repaired by its owner alone`);
        if (rows.length >= CHUNK_ROW_BYTES) this.#chunks.insert({ id, rows }, "IGNORE");
      }
      for (const row of snapshots) this.#snapshots.insert(row);
    });
  }

  /** Adds chunks to a catalog that nobody has open yet: on stable storage with what comes after them. 2 to 3 µs each. */
  fill(packs: readonly Pick<AdoptedPack, "id" | "rows">[]): void {
    this.#transaction.run(() => {
      for (const pack of packs) this.#chunks.insert(pack, "IGNORE");
    }, "relaxed");
  }

  /** Returns the directories that were captured or restored, and those of workspaces. */
  knownDirectories(): string[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare("SELECT path FROM workspace UNION SELECT path FROM directory ORDER BY path")
        .pluck()
        .all(),
    ) as string[];
  }

  /** Has a new catalog be that of a store. */
  setStoreId(storeId: string): void {
    this.#transaction.run(() =>
      this.#database.prepare("UPDATE meta SET value = ? WHERE key = 'store_id'").run(storeId),
    );
  }

  /**
   * Takes over what packs do not tell from another catalog, as far as that can be read: workspaces, known directories, settings.
   *
   * @returns the tables that could not be read to their end
   */
  salvage(file: string): string[] {
    const torn: string[] = [];
    const other = openSqlite(file, { readonly: true });
    try {
      for (const table of this.#salvagedTables()) {
        try {
          this.#salvageTable(other, table);
        } catch {
          torn.push(table);
        }
      }
    } finally {
      other.close();
    }
    return torn;
  }

  #salvagedTables(): string[] {
    const tables = this.#database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all() as string[];
    return tables.filter((each) => !NOT_SALVAGED.includes(each));
  }

  /** Row by row: those before the damage count. */
  #salvageTable(other: Database, table: string): void {
    const own = this.#columns(this.#database, table);
    const columns = this.#columns(other, table).filter((each) => own.includes(each));
    const insert = this.#database.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    const rows = other
      .prepare(`SELECT ${columns.join(", ")} FROM ${table}`)
      .raw()
      .iterate();
    for (const row of rows) insert.run(...(row as unknown[]));
  }

  #columns(database: Database, table: string): string[] {
    return (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  }
}
