/**
 * Catalog: the index of packs and chunks, the snapshots and their names.
 *
 * Invariants:
 * (C1) `commit` is the only point at which chunks and snapshots come to exist.
 * (C2) A chunk's row is written only after its bytes were written, and synced where the caller wants
 *      `full` durability.
 * (C3) A pack is appended to by the session in its row alone.
 */

import { randomBytes } from "node:crypto";
import type { Database, Statement } from "better-sqlite3";
import { formatDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import type { ChunkKind, ChunkLocation } from "../pack/chunk-location.js";
import { PACK_BYTES_MAX } from "../pack/pack-codec.js";
import { BulkChunks } from "./bulk-chunks.js";
import { openDatabase } from "./open-database.js";
import type { SessionLock } from "./session.js";
import { sessionRow, startSession, tryLock } from "./session.js";
import type { SnapshotRow } from "./snapshot-table.js";
import { SnapshotTable } from "./snapshot-table.js";
import { WriteTransaction } from "./write-transaction.js";

/** A pack that this session may append to. */
export interface OwnedPack {
  readonly id: number;
  readonly name: string;
  /** Its committed length: appending starts here. */
  readonly lengthBytes: number;
}

/** A directory that was captured or restored: its identity tells it from another one under its path. */
export interface KnownDirectory {
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
}

/** What one capture adds. */
export interface Addition {
  /** Packs that were appended to, with their new lengths. */
  readonly packs: readonly { readonly id: number; readonly lengthBytes: number }[];
  /** Packs that were synced up to a length: with `full` durability all that have committed bytes. */
  readonly synced: readonly { readonly id: number; readonly lengthBytes: number }[];
  readonly chunks: Iterable<ChunkLocation & { readonly digest: Buffer }>;
  readonly snapshot?: SnapshotRow;
  readonly directory?: KnownDirectory;
}

/** Bytes and counts of what is stored, by kind. */
export interface StoredSums {
  readonly kind: ChunkKind;
  readonly count: number;
  readonly bytes: number;
}

export class Catalog {
  /** The snapshots and their names. */
  readonly snapshots: SnapshotTable;
  /** Chunks by the thousand. */
  readonly bulk: BulkChunks;
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #session: SessionLock;
  readonly #locate: Statement<[Buffer], [number, number, number, ChunkKind, Buffer]>;
  readonly #has: Statement<[Buffer], number>;
  readonly #packNames = new Map<number, string>();

  /**
   * Opens the catalog of a store and starts a session in it.
   *
   * @param storeDirectory the store's directory, with its `sessions` directory
   * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, CORRUPT, UNSUPPORTED
   */
  constructor(storeDirectory: string, file: string) {
    this.#database = openDatabase(file);
    this.#locate = this.#database
      .prepare<[Buffer], [number, number, number, ChunkKind, Buffer]>(
        "SELECT pack, offset, length, kind, checksum FROM chunk WHERE digest = ?",
      )
      .raw();
    this.#has = this.#database
      .prepare<[Buffer], number>("SELECT 1 FROM chunk WHERE digest = ?")
      .pluck();
    this.#session = startSession(storeDirectory);
    this.#transaction = new WriteTransaction(this.#database, this.#session.id);
    this.snapshots = new SnapshotTable(this.#database, this.#transaction);
    this.bulk = new BulkChunks(this.#database, this.#transaction);
    try {
      this.#transaction.run(() => {
        this.#database
          .prepare("INSERT INTO session VALUES (?, ?, ?, ?)")
          .run(...sessionRow(this.#session.id, Date.now()));
      });
      this.#clearDeadSessions(storeDirectory);
    } catch (error) {
      this.#session.release();
      this.#database.close();
      throw error;
    }
  }

  /** The store's identity, 32 hexadecimal digits, written into each of its packs. */
  get storeId(): string {
    return this.#transaction.read(
      () =>
        this.#database
          .prepare("SELECT value FROM meta WHERE key = 'store_id'")
          .pluck()
          .get() as string,
    );
  }

  /** Returns where a chunk lies, or `undefined`. One lookup, 2 to 3 µs. */
  locate(digest: Buffer): ChunkLocation | undefined {
    const row = this.#transaction.read(() => this.#locate.get(digest));
    if (row === undefined) return undefined;
    const [pack, offset, lengthBytes, kind, checksum] = row;
    const isPossible =
      Number.isSafeInteger(offset) &&
      offset >= 0 &&
      lengthBytes >= 0 &&
      lengthBytes <= CHUNK_BYTES_MAX &&
      checksum.length === 8;
    if (!isPossible) throw impossibleChunk(digest);
    return { pack, offset, lengthBytes, kind, checksum };
  }

  /** Returns whether a chunk is stored. */
  has(digest: Buffer): boolean {
    return this.#transaction.read(() => this.#has.get(digest)) !== undefined;
  }

  /** Returns a pack's file name without its ending. */
  packName(id: number): string {
    let name = this.#packNames.get(id);
    if (name === undefined) {
      name = this.#transaction.read(() =>
        this.#database.prepare("SELECT name FROM pack WHERE id = ?").pluck().get(id),
      ) as string | undefined;
      if (name === undefined)
        throw new CoppiceError("CORRUPT", `Cannot find pack ${id}: the catalog does not list it`);
      this.#packNames.set(id, name);
    }
    return name;
  }

  /** Returns every pack with its committed length. */
  packs(): OwnedPack[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT id, name, length AS lengthBytes FROM pack ORDER BY id").all(),
    ) as OwnedPack[];
  }

  /**
   * Returns the packs that hold committed bytes which are not on stable storage: those of `relaxed`
   * commits. A `full` commit must not refer to them before they are synced.
   */
  unsyncedPacks(): OwnedPack[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT id, name, length AS lengthBytes FROM pack WHERE synced < length ORDER BY id",
        )
        .all(),
    ) as OwnedPack[];
  }

  /**
   * Gives this session a pack to append to: one that nobody owns and that has room, or a new one.
   */
  acquirePack(): OwnedPack {
    return this.#transaction.run(() => {
      const free = this.#database
        .prepare(
          "SELECT id, name, length AS lengthBytes FROM pack WHERE session IS NULL AND length < ? ORDER BY id DESC LIMIT 1",
        )
        .get(PACK_BYTES_MAX) as OwnedPack | undefined;
      if (free !== undefined) {
        this.#database
          .prepare("UPDATE pack SET session = ? WHERE id = ?")
          .run(this.#session.id, free.id);
        return free;
      }
      const name = randomBytes(8).toString("hex");
      const { lastInsertRowid } = this.#database
        .prepare("INSERT INTO pack (name, length, synced, session) VALUES (?, 0, 0, ?)")
        .run(name, this.#session.id);
      return { id: Number(lastInsertRowid), name, lengthBytes: 0 };
    });
  }

  /** Gives packs back, for any session to append to. */
  releasePacks(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#transaction.run(() => {
      const release = this.#database.prepare(
        "UPDATE pack SET session = NULL WHERE id = ? AND session = ?",
      );
      for (const id of ids) release.run(id, this.#session.id);
    });
  }

  /**
   * Adds what a capture wrote, in one transaction; when it returns, the snapshot exists.
   *
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND when the parent was removed meanwhile, STORE_BUSY, DISK_FULL
   */
  commit(addition: Addition, durability: "full" | "relaxed"): void {
    this.#database.pragma(`synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    this.#transaction.run(() => {
      const setLength = this.#database.prepare(
        "UPDATE pack SET length = ? WHERE id = ? AND session = ?",
      );
      for (const pack of addition.packs) {
        if (setLength.run(pack.lengthBytes, pack.id, this.#session.id).changes !== 1) {
          throw new Error(`Pack ${pack.id} belongs to this session`);
        }
      }
      const setSynced = this.#database.prepare(
        "UPDATE pack SET synced = max(synced, ?) WHERE id = ?",
      );
      for (const pack of addition.synced) setSynced.run(pack.lengthBytes, pack.id);
      // A relaxed commit may have brought a chunk meanwhile, with bytes that are not on stable storage.
      const onKnown = durability === "full" ? "REPLACE" : "IGNORE";
      const insert = this.#database.prepare(
        `INSERT OR ${onKnown} INTO chunk VALUES (?, ?, ?, ?, ?, ?)`,
      );
      for (const each of addition.chunks) {
        insert.run(each.digest, each.pack, each.offset, each.lengthBytes, each.kind, each.checksum);
      }
      if (addition.snapshot !== undefined) this.snapshots.insert(addition.snapshot);
      if (addition.directory !== undefined) this.#noteDirectory(addition.directory);
    });
  }

  /** Notes that a directory's content is this store's. */
  noteDirectory(directory: KnownDirectory): void {
    this.#transaction.run(() => this.#noteDirectory(directory));
  }

  /** Returns whether a directory was captured or restored before. */
  knowsDirectory({ path, identity }: KnownDirectory): boolean {
    const row = this.#transaction.read(() =>
      this.#database
        .prepare("SELECT 1 FROM directory WHERE path = ? AND identity = ?")
        .get(path, identity),
    );
    return row !== undefined;
  }

  /** Returns counts and stored bytes by kind of chunk. Reads the whole chunk table. */
  storedSums(): StoredSums[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          "SELECT kind, count(*) AS count, sum(length) AS bytes FROM chunk GROUP BY kind ORDER BY kind",
        )
        .all(),
    ) as StoredSums[];
  }

  /** Ends the session. Idempotent. */
  close(): void {
    if (!this.#database.open) return;
    try {
      this.#transaction.run(() => this.#forgetSession(this.#session.id));
    } catch {
      // On a full disk, for instance. The lock tells that this session is over: whoever opens the store
      // next gives back what it owned.
    } finally {
      this.#database.close();
      this.#session.release();
    }
  }

  #noteDirectory({ path, identity }: KnownDirectory): void {
    this.#database.prepare("INSERT OR REPLACE INTO directory VALUES (?, ?)").run(path, identity);
  }

  /** Recovery: gives back what the sessions owned whose processes are gone (S3). */
  #clearDeadSessions(storeDirectory: string): void {
    const others = this.#database
      .prepare("SELECT id FROM session WHERE id <> ?")
      .pluck()
      .all(this.#session.id) as string[];
    for (const id of others) {
      const lock = tryLock(storeDirectory, id);
      if (lock === undefined) continue;
      try {
        this.#transaction.run(() => this.#forgetSession(id));
      } finally {
        lock.release();
      }
    }
  }

  #forgetSession(id: string): void {
    this.#database.prepare("UPDATE pack SET session = NULL WHERE session = ?").run(id);
    this.#database.prepare("DELETE FROM session WHERE id = ?").run(id);
  }
}

function impossibleChunk(digest: Buffer): CoppiceError {
  const text = formatDigest(digest);
  return new CoppiceError(
    "CORRUPT",
    `Cannot read chunk ${text}: the catalog gives it a place that no chunk can have`,
    { digest: text },
  );
}

/** Returns the error for a chunk that something stored refers to and the catalog does not have. */
export function missingChunk(digest: Buffer): CoppiceError {
  const text = formatDigest(digest);
  return new CoppiceError("CORRUPT", `Cannot read chunk ${text}: the catalog does not list it`, {
    digest: text,
  });
}
