/**
 * Collection table: what a collection changes in the catalog.
 *
 * Invariants:
 * (G1) Chunks' rows go only in transactions that were shown everything that is to stay, under the write lock, and that count
 *      themselves (`removals`): who refers to what it has not written looks again where the count has moved.
 * (G2) A pack's file goes only once its row says so (`retired`), on stable storage, and never while somebody reads by places.
 * (G3) One session collects at a time.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_ROW_BYTES } from "../pack/chunk-table.js";
import type { ChunkIndex, NewChunks } from "./chunk-index.js";
import type { HoldTable } from "./hold-table.js";

/** How many transactions have removed chunks, and who collects: in `meta`. */
const REMOVALS_KEY = "removals";
const COLLECTOR_KEY = "collector";
/** Where it is said that dead bytes must not stay in the packs: from an erasure until it was proved. */
const ERASING_KEY = "erasing";

/** A pack that a collection may do something about. */
export interface CollectablePack {
  readonly id: number;
  readonly name: string;
  /** Its committed length. */
  readonly lengthBytes: number;
  /** The session that appends to it. */
  readonly session: string | null;
  /** How much of a damaged one can be relied on. */
  readonly readableBytes: number | null;
}

export class CollectionTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #holds: HoldTable;
  readonly #chunks: Pick<ChunkIndex, "joinRecent">;
  readonly #session: string;

  /** @param session the own one */
  constructor(
    database: Database,
    transaction: WriteTransaction,
    holds: HoldTable,
    chunks: Pick<ChunkIndex, "joinRecent">,
    session: string,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#holds = holds;
    this.#chunks = chunks;
    this.#session = session;
  }

  /** Counts the transactions that have removed chunks. */
  get removals(): number {
    return this.#transaction.read(() => Number(this.#meta(REMOVALS_KEY) ?? 0));
  }

  /**
   * Has the caller's session be the one that collects (G3). Dead sessions were cleared before.
   *
   * @throws {CoppiceError} STORE_BUSY
   */
  begin(): void {
    this.#transaction.run(() => {
      const other = this.#database
        .prepare(
          "SELECT pid, host, started_ms AS sinceMs FROM meta JOIN session ON session.id = value WHERE key = ?",
        )
        .get(COLLECTOR_KEY) as { pid: number; host: string; sinceMs: number } | undefined;
      if (other !== undefined) {
        const since = new Date(other.sinceMs).toISOString();
        throw new CoppiceError(
          "STORE_BUSY",
          `Cannot collect: pid ${other.pid} on ${other.host}, which has the store open since ${since}, collects already; wait for it`,
        );
      }
      this.#setMeta(COLLECTOR_KEY, this.#session);
    }, "relaxed");
  }

  /** Ends collecting. */
  end(): void {
    this.#transaction.run(
      () =>
        this.#database
          .prepare("DELETE FROM meta WHERE key = ? AND value = ?")
          .run(COLLECTOR_KEY, this.#session),
      "relaxed",
    );
  }

  /** Whether an erasure has not come to its end: what is dead then must not stay in the packs. */
  get isErasing(): boolean {
    return this.#transaction.read(() => this.#meta(ERASING_KEY)) !== undefined;
  }

  /** Says that content was erased whose bytes are still there; within a write transaction. */
  noteErasing(): void {
    this.#setMeta(ERASING_KEY, "1");
  }

  /** As `noteErasing`, in a transaction of its own. */
  beginErasing(): void {
    this.#transaction.run(() => this.noteErasing());
  }

  /** Says that what was erased is gone. */
  endErasing(): void {
    this.#transaction.run(() =>
      this.#database.prepare("DELETE FROM meta WHERE key = ?").run(ERASING_KEY),
    );
  }

  /** Yields the digests of the snapshots' roots and records, as they are now. */
  snapshots(): { readonly root: Buffer; readonly record: Buffer }[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT digest AS root, record FROM snapshot").all(),
    ) as { root: Buffer; record: Buffer }[];
  }

  /**
   * Forgets chunks, except those that are reached meanwhile (G1).
   *
   * @param digests one after the other
   * @param reachAgain finds what has come to stay since; called under the write lock
   * @param isLive whether the digest at an offset is to stay
   * @returns how many went
   */
  removeChunks(
    digests: Buffer,
    reachAgain: () => void,
    isLive: (digests: Buffer, at: number) => boolean,
  ): number {
    return this.#transaction.run(() => {
      reachAgain();
      // What a small commit stored once more would else take the place of what goes.
      this.#chunks.joinRecent();
      const remove = this.#database.prepare("DELETE FROM chunk WHERE digest = ?");
      let removed = 0;
      for (let at = 0; at < digests.length; at += DIGEST_BYTES) {
        if (isLive(digests, at)) continue;
        removed += remove.run(digests.subarray(at, at + DIGEST_BYTES)).changes;
      }
      this.countRemoval();
      return removed;
    });
  }

  /**
   * Returns the packs whose files may be there, also those that do not count any more; `isSealed` of those behind whose length there may be
   * what is not listed.
   */
  allPacks(): (CollectablePack & { readonly isSealed: number })[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT id, name, length AS lengthBytes, session, readable AS readableBytes, sealed AS isSealed FROM pack ORDER BY id",
        )
        .all(),
    ) as (CollectablePack & { readonly isSealed: number })[];
  }

  /** Says that chunks' rows have gone (G1); within the write transaction in which they did. */
  countRemoval(): void {
    this.#setMeta(REMOVALS_KEY, String(this.removals + 1));
  }

  /** Returns the packs that still count. */
  packs(): CollectablePack[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT id, name, length AS lengthBytes, session, readable AS readableBytes FROM pack WHERE retired = 0 AND length > 0 ORDER BY id",
        )
        .all(),
    ) as CollectablePack[];
  }

  /**
   * Has a pack be appended to by nobody.
   *
   * @returns false, and nothing is changed, where somebody owns it or did something to it
   */
  own({ id, lengthBytes }: CollectablePack): boolean {
    return this.#transaction.run(
      () =>
        this.#database
          .prepare(
            "UPDATE pack SET session = ? WHERE id = ? AND length = ? AND session IS NULL AND readable IS NULL AND sealed = 0",
          )
          .run(this.#session, id, lengthBytes).changes === 1,
      "relaxed",
    );
  }

  /** Has chunks lie elsewhere; within a write transaction. Those that went meanwhile do not come back. */
  moveChunks(from: number, { id, rows }: NewChunks): void {
    const move = this.#database.prepare(
      "UPDATE chunk SET pack = ?, place = ? WHERE digest = ? AND pack = ?",
    );
    for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
      const placeAt = at + DIGEST_BYTES;
      const place = rows.subarray(placeAt, at + CHUNK_ROW_BYTES);
      move.run(id, place, rows.subarray(at, placeAt), from);
    }
  }

  /** Says of an owned pack in which no chunk lies that its file may go (G2); within a write transaction. */
  retire(id: number): void {
    this.#database
      .prepare("UPDATE pack SET retired = 1, session = 'retired' WHERE id = ? AND session = ?")
      .run(id, this.#session);
  }

  /** Returns the retired packs whose files may go: none while somebody reads by places (G2). */
  removablePacks(): { readonly id: number; readonly name: string }[] {
    if (this.#holds.all().some(({ role }) => role === "reading")) return [];
    return this.retiredPacks();
  }

  /** Returns the retired packs. */
  retiredPacks(): { readonly id: number; readonly name: string }[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT id, name FROM pack WHERE retired = 1 ORDER BY id").all(),
    ) as { id: number; name: string }[];
  }

  /** Forgets a pack whose file is gone. */
  forget(id: number): void {
    this.#transaction.run(() => {
      this.#database.prepare("DELETE FROM pack WHERE id = ? AND retired = 1").run(id);
      this.#database.prepare("DELETE FROM pack_check WHERE pack = ?").run(id);
    }, "relaxed");
  }

  #meta(key: string): string | undefined {
    return this.#database.prepare("SELECT value FROM meta WHERE key = ?").pluck().get(key) as
      | string
      | undefined;
  }

  #setMeta(key: string, value: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  }
}
