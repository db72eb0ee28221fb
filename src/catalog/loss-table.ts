/**
 * Loss table: which packs are damaged, and what a power cut took, in the catalog.
 *
 * What lies between a pack's `synced` and its `length` belongs to `relaxed` snapshots after the last `full`
 * one alone (C4): to give it up harms no other.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import type { ChunkIndex } from "./chunk-index.js";
import type { SnapshotTable } from "./snapshot-table.js";

/** A pack with what is known of it. */
export interface PackState {
  readonly id: number;
  readonly name: string;
  readonly lengthBytes: number;
  /** How much of it is on stable storage. */
  readonly syncedBytes: number;
  /** How much of a damaged one can be relied on. */
  readonly readableBytes: number | undefined;
  /** Whether a session may append to it. */
  readonly isOwned: boolean;
  /** Whether nothing is appended to it: behind its length lies what the catalog does not list. */
  readonly isSealed: boolean;
}

/** What a power cut took. */
export interface PowerLossRecord {
  /** When it was found. */
  readonly foundMs: number;
  /** The snapshots that are gone, oldest first. */
  readonly snapshots: readonly {
    readonly id: string;
    readonly name?: string;
    readonly source: string;
    readonly createdMs: number;
  }[];
}

/** A pack with committed bytes of an earlier boot, and up to where they are whole. */
export type SettledPack = Pick<PackState, "id" | "lengthBytes" | "syncedBytes"> & {
  readonly wholeBytes: number;
};

/** Where the last power cut that took something is kept. */
const POWER_LOSS_KEY = "power_loss";

const COLUMNS = `id, name, length AS lengthBytes, synced AS syncedBytes, readable AS readableBytes, session, sealed`;

export class LossTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #chunks: ChunkIndex;
  readonly #snapshots: SnapshotTable;
  readonly #session: string;

  /** @param session the own one */
  constructor(
    database: Database,
    transaction: WriteTransaction,
    chunks: ChunkIndex,
    snapshots: SnapshotTable,
    session: string,
  ) {
    this.#session = session;
    this.#database = database;
    this.#transaction = transaction;
    this.#chunks = chunks;
    this.#snapshots = snapshots;
  }

  /** Returns every pack. */
  packs(): PackState[] {
    return this.#packs("TRUE");
  }

  /**
   * Returns the packs with committed bytes that may be gone: written in another boot than this one, or in
   * one that is not known, and never synced.
   */
  unsettledPacks(bootId: string | undefined): PackState[] {
    return this.#packs(
      "synced < length AND readable IS NULL AND (boot IS NULL OR boot IS NOT ?)",
      bootId ?? null,
    );
  }

  /**
   * Gives up what is not whole of some packs, and the snapshots that it belonged to; the rest of them was
   * synced by the caller.
   *
   * @returns false, and nothing is changed, where another process did something to these packs meanwhile
   */
  settle(packs: readonly SettledPack[], lost: PowerLossRecord): boolean {
    return this.#transaction.run(() => {
      const isAsFound = this.#database.prepare(
        "SELECT 1 FROM pack WHERE id = ? AND length = ? AND synced = ?",
      );
      for (const { id, lengthBytes, syncedBytes } of packs)
        if (isAsFound.get(id, lengthBytes, syncedBytes) === undefined) return false;
      const set = this.#database.prepare("UPDATE pack SET length = ?, synced = ? WHERE id = ?");
      for (const { id, lengthBytes, wholeBytes } of packs) {
        if (wholeBytes < lengthBytes) this.#chunks.removeFrom(id, wholeBytes);
        set.run(wholeBytes, wholeBytes, id);
      }
      for (const { id } of lost.snapshots) this.#snapshots.drop(id);
      if (lost.snapshots.length > 0) {
        this.#database
          .prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)")
          .run(POWER_LOSS_KEY, JSON.stringify(lost));
      }
      return true;
    });
  }

  /** Returns what the last power cut that took something took, or `undefined`. */
  get powerLoss(): PowerLossRecord | undefined {
    return this.#transaction.read(() => {
      const text = this.#database
        .prepare("SELECT value FROM meta WHERE key = ?")
        .pluck()
        .get(POWER_LOSS_KEY) as string | undefined;
      return text === undefined ? undefined : (JSON.parse(text) as PowerLossRecord);
    });
  }

  /** Notes how much of some packs can be relied on; `undefined` for one that is whole. */
  noteReadable(packs: readonly Pick<PackState, "id" | "readableBytes">[]): void {
    this.#transaction.run(() => {
      const note = this.#database.prepare("UPDATE pack SET readable = ? WHERE id = ?");
      for (const { id, readableBytes } of packs) note.run(readableBytes ?? null, id);
    });
  }

  /**
   * Has nothing be appended to a pack, and gives it back where the caller's session owns it.
   *
   * @param holdsMore looks at it once more, while nobody can append to it
   */
  seal({ id, lengthBytes }: Pick<PackState, "id" | "lengthBytes">, holdsMore: () => boolean): void {
    this.#transaction.run(() => {
      const isAsFound = this.#database.prepare(
        "SELECT 1 FROM pack WHERE id = ? AND length = ? AND (session IS NULL OR session = ?)",
      );
      if (isAsFound.get(id, lengthBytes, this.#session) === undefined || !holdsMore()) return;
      this.#database.prepare("UPDATE pack SET sealed = 1, session = NULL WHERE id = ?").run(id);
    });
  }

  #packs(condition: string, ...values: unknown[]): PackState[] {
    const rows = this.#transaction.read(() =>
      this.#database
        .prepare(`SELECT ${COLUMNS} FROM pack WHERE retired = 0 AND (${condition}) ORDER BY id`)
        .all(...values),
    ) as (Omit<PackState, "readableBytes" | "isOwned" | "isSealed"> & {
      readonly readableBytes: number | null;
      readonly session: string | null;
      readonly sealed: number;
    })[];
    return rows.map(({ session, readableBytes, sealed, ...row }) => ({
      ...row,
      isSealed: sealed === 1,
      readableBytes: readableBytes ?? undefined,
      isOwned: session !== null,
    }));
  }
}
