/**
 * Catalog: the index of packs and chunks, the snapshots and their names.
 *
 * Invariants:
 * (C1) `commit` is the only point at which chunks and snapshots come to exist.
 * (C2) A chunk's row is written only after its bytes were written, and synced where the caller wants
 *      `full` durability.
 * (C3) A pack is appended to by the session in its row alone.
 */
import type { Database, Statement } from "better-sqlite3";
import { randomBytes } from "node:crypto";
import { CoppiceError } from "../model/error.js";
import { formatDigest } from "../model/digest.js";
import { openDatabase } from "./open-database.js";
import { sessionRow, startSession, tryLock } from "./session.js";
import type { SessionLock } from "./session.js";
import type { ChunkKind, ChunkLocation } from "../pack/chunk-location.js";
import { PACK_BYTES_MAX } from "../pack/pack-codec.js";

/** A pack that this session may append to. */
export interface OwnedPack {
  readonly id: number;
  readonly name: string;
  /** Its committed length: appending starts here. */
  readonly lengthBytes: number;
}

/** A snapshot as the catalog keeps it. */
export interface SnapshotRow {
  readonly id: string;
  readonly digest: Buffer;
  readonly stateDigest: Buffer;
  /** Digest of the snapshot's record in the packs. */
  readonly record: Buffer;
  readonly parent: string | undefined;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: string;
  /** What was left out of it by choice. */
  readonly filter: SnapshotFilter;
  readonly createdMs: number;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/** What a capture leaves out; a restore in place leaves it alone. */
export interface SnapshotFilter {
  readonly exclude: readonly string[];
  readonly gitignore: boolean;
}

/** A directory that was captured or restored: its identity tells it from another one under its path. */
export interface KnownDirectory {
  readonly path: string;
  /** Device and inode. */
  readonly identity: string;
}

/** What one capture adds. */
export interface Addition {
  readonly packs: readonly { readonly id: number; readonly lengthBytes: number }[];
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
  readonly #database: Database;
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
    this.#has = this.#database.prepare<[Buffer], number>("SELECT 1 FROM chunk WHERE digest = ?").pluck();
    this.#session = startSession(storeDirectory);
    try {
      this.#write(() => {
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
    return this.#database.prepare("SELECT value FROM meta WHERE key = 'store_id'").pluck().get() as string;
  }

  /** Returns where a chunk lies, or `undefined`. One lookup, 2 to 3 µs. */
  locate(digest: Buffer): ChunkLocation | undefined {
    const row = this.#locate.get(digest);
    if (row === undefined) return undefined;
    const [pack, offset, lengthBytes, kind, checksum] = row;
    return { pack, offset, lengthBytes, kind, checksum };
  }

  /** Returns whether a chunk is stored. */
  has(digest: Buffer): boolean {
    return this.#has.get(digest) !== undefined;
  }

  /** Returns a pack's file name without its ending. */
  packName(id: number): string {
    let name = this.#packNames.get(id);
    if (name === undefined) {
      name = this.#database.prepare("SELECT name FROM pack WHERE id = ?").pluck().get(id) as string | undefined;
      if (name === undefined) throw new CoppiceError("CORRUPT", `Cannot find pack ${id}: the catalog does not list it`);
      this.#packNames.set(id, name);
    }
    return name;
  }

  /** Returns every pack with its committed length. */
  packs(): OwnedPack[] {
    return this.#database.prepare("SELECT id, name, length AS lengthBytes FROM pack ORDER BY id").all() as OwnedPack[];
  }

  /**
   * Gives this session a pack to append to: one that nobody owns and that has room, or a new one.
   */
  acquirePack(): OwnedPack {
    return this.#write(() => {
      const free = this.#database
        .prepare("SELECT id, name, length AS lengthBytes FROM pack WHERE session IS NULL AND length < ? ORDER BY id DESC LIMIT 1")
        .get(PACK_BYTES_MAX) as OwnedPack | undefined;
      if (free !== undefined) {
        this.#database.prepare("UPDATE pack SET session = ? WHERE id = ?").run(this.#session.id, free.id);
        return free;
      }
      const name = randomBytes(8).toString("hex");
      const { lastInsertRowid } = this.#database
        .prepare("INSERT INTO pack (name, length, session) VALUES (?, 0, ?)")
        .run(name, this.#session.id);
      return { id: Number(lastInsertRowid), name, lengthBytes: 0 };
    });
  }

  /** Gives packs back, for any session to append to. */
  releasePacks(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#write(() => {
      const release = this.#database.prepare("UPDATE pack SET session = NULL WHERE id = ? AND session = ?");
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
    this.#write(() => {
      const setLength = this.#database.prepare("UPDATE pack SET length = ? WHERE id = ? AND session = ?");
      for (const pack of addition.packs) {
        if (setLength.run(pack.lengthBytes, pack.id, this.#session.id).changes !== 1) {
          throw new Error(`Pack ${pack.id} belongs to this session`);
        }
      }
      const insert = this.#database.prepare("INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?, ?, ?)");
      for (const each of addition.chunks) {
        insert.run(each.digest, each.pack, each.offset, each.lengthBytes, each.kind, each.checksum);
      }
      if (addition.snapshot !== undefined) this.#insertSnapshot(addition.snapshot);
      if (addition.directory !== undefined) this.#noteDirectory(addition.directory);
    });
  }

  /** Notes that a directory's content is this store's. */
  noteDirectory(directory: KnownDirectory): void {
    this.#write(() => this.#noteDirectory(directory));
  }

  /** Returns whether a directory was captured or restored before. */
  knowsDirectory({ path, identity }: KnownDirectory): boolean {
    return this.#database.prepare("SELECT 1 FROM directory WHERE path = ? AND identity = ?").get(path, identity) !== undefined;
  }

  /** Yields snapshots, newest first. */
  *snapshots(): Generator<SnapshotRow> {
    const rows = this.#database.prepare("SELECT * FROM snapshot ORDER BY sequence DESC").all();
    for (const row of rows) yield toSnapshotRow(row as RawSnapshot);
  }

  /** Returns the snapshot of an id or a name, or `undefined`. */
  snapshot(idOrName: string): SnapshotRow | undefined {
    const row = this.#database.prepare("SELECT * FROM snapshot WHERE id = @key OR name = @key").get({ key: idOrName });
    return row === undefined ? undefined : toSnapshotRow(row as RawSnapshot);
  }

  /** Returns the snapshots of a digest, newest first. */
  snapshotsOf(digest: Buffer): SnapshotRow[] {
    return this.#database
      .prepare("SELECT * FROM snapshot WHERE digest = ? ORDER BY sequence DESC")
      .all(digest)
      .map((row) => toSnapshotRow(row as RawSnapshot));
  }

  /** Returns the snapshots whose id, or whose digest's hexadecimal digits, start with a prefix; newest first. */
  snapshotsLike(prefix: string): SnapshotRow[] {
    return this.#database
      .prepare(
        `SELECT * FROM snapshot WHERE substr(id, 1, length(@prefix)) = @prefix OR substr(lower(hex(digest)), 1, length(@prefix)) = @prefix
         ORDER BY sequence DESC`,
      )
      .all({ prefix })
      .map((row) => toSnapshotRow(row as RawSnapshot));
  }

  /** Returns the ids of the snapshots that have a snapshot as their parent. */
  childrenOf(id: string): string[] {
    return this.#database.prepare("SELECT id FROM snapshot WHERE parent = ? ORDER BY sequence").pluck().all(id) as string[];
  }

  /**
   * Removes a snapshot's row. Its chunks stay until they are collected.
   *
   * @param reparent gives its children to its own parent; otherwise a snapshot with children is refused
   * @throws {CoppiceError} IN_USE, naming the children
   */
  removeSnapshot(id: string, reparent: boolean): void {
    this.#write(() => {
      const children = this.childrenOf(id);
      if (children.length > 0 && !reparent) {
        throw new CoppiceError(
          "IN_USE",
          `Cannot remove snapshot ${id}: it is the parent of ${listed(children)}, remove these first or hand them to its own parent (reparent)`,
        );
      }
      this.#database
        .prepare("UPDATE snapshot SET parent = (SELECT parent FROM snapshot WHERE id = @id) WHERE parent = @id")
        .run({ id });
      this.#database.prepare("DELETE FROM snapshot WHERE id = ?").run(id);
    });
  }

  /** Returns counts and stored bytes by kind of chunk. Reads the whole chunk table. */
  storedSums(): StoredSums[] {
    return this.#database
      .prepare("SELECT kind, count(*) AS count, sum(length) AS bytes FROM chunk GROUP BY kind ORDER BY kind")
      .all() as StoredSums[];
  }

  /** Ends the session. Idempotent. */
  close(): void {
    if (!this.#database.open) return;
    try {
      this.#write(() => this.#forgetSession(this.#session.id));
    } finally {
      this.#database.close();
      this.#session.release();
    }
  }

  #noteDirectory({ path, identity }: KnownDirectory): void {
    this.#database.prepare("INSERT OR REPLACE INTO directory VALUES (?, ?)").run(path, identity);
  }

  #insertSnapshot(row: SnapshotRow): void {
    if (row.parent !== undefined && this.snapshot(row.parent) === undefined) {
      throw new CoppiceError("NOT_FOUND", `Cannot record snapshot: its parent ${row.parent} was removed meanwhile`);
    }
    if (row.name !== undefined && this.snapshot(row.name) !== undefined) {
      throw new CoppiceError("NAME_TAKEN", `Cannot record snapshot: the name ${JSON.stringify(row.name)} is taken, choose another or remove its snapshot`);
    }
    this.#database
      .prepare(
        `INSERT INTO snapshot (id, digest, state_digest, record, parent, name, labels, source, filter, created_ms, entry_count, total_bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.digest,
        row.stateDigest,
        row.record,
        row.parent ?? null,
        row.name ?? null,
        JSON.stringify(row.labels),
        row.source,
        JSON.stringify(row.filter),
        row.createdMs,
        row.entryCount,
        row.totalBytes,
      );
  }

  /** Recovery: gives back what the sessions owned whose processes are gone (S3). */
  #clearDeadSessions(storeDirectory: string): void {
    const others = this.#database.prepare("SELECT id FROM session WHERE id <> ?").pluck().all(this.#session.id) as string[];
    for (const id of others) {
      const lock = tryLock(storeDirectory, id);
      if (lock === undefined) continue;
      try {
        this.#write(() => this.#forgetSession(id));
      } finally {
        lock.release();
      }
    }
  }

  #forgetSession(id: string): void {
    this.#database.prepare("UPDATE pack SET session = NULL WHERE session = ?").run(id);
    this.#database.prepare("DELETE FROM session WHERE id = ?").run(id);
  }

  /** Runs a transaction under the write lock and says in the store's terms why it could not. */
  #write<T>(body: () => T): T {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const result = body();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    const code = (error as { code?: string }).code ?? "";
    if (code.startsWith("SQLITE_BUSY")) {
      const others = this.#database
        .prepare("SELECT pid, host, started_ms FROM session WHERE id <> ?")
        .all(this.#session.id) as { pid: number; host: string; started_ms: number }[];
      const who = others.map((each) => `pid ${each.pid} on ${each.host} since ${new Date(each.started_ms).toISOString()}`);
      return new CoppiceError("STORE_BUSY", `Cannot write to catalog: it is locked, open in ${listed(who)}; try again`, { cause: error });
    }
    if (code === "SQLITE_FULL") {
      return new CoppiceError("DISK_FULL", "Cannot write to catalog: the disk is full, free space and try again", { cause: error });
    }
    if (code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB")) {
      return new CoppiceError("CORRUPT", `Cannot read catalog: ${(error as Error).message}`, { cause: error });
    }
    if (code.startsWith("SQLITE_")) {
      return new CoppiceError("IO", `Cannot write to catalog: ${(error as Error).message}`, { cause: error });
    }
    return error;
  }
}

interface RawSnapshot {
  readonly id: string;
  readonly digest: Buffer;
  readonly state_digest: Buffer;
  readonly record: Buffer;
  readonly parent: string | null;
  readonly name: string | null;
  readonly labels: string;
  readonly source: string;
  readonly filter: string;
  readonly created_ms: number;
  readonly entry_count: number;
  readonly total_bytes: number;
}

function toSnapshotRow(raw: RawSnapshot): SnapshotRow {
  return {
    id: raw.id,
    digest: raw.digest,
    stateDigest: raw.state_digest,
    record: raw.record,
    parent: raw.parent ?? undefined,
    name: raw.name ?? undefined,
    labels: JSON.parse(raw.labels) as Record<string, string>,
    source: raw.source,
    filter: JSON.parse(raw.filter) as SnapshotFilter,
    createdMs: raw.created_ms,
    entryCount: raw.entry_count,
    totalBytes: raw.total_bytes,
  };
}

/** Names at most three of several. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return "another process";
  const rest = names.length - 3;
  return names.slice(0, 3).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** Returns the error for a chunk that something stored refers to and the catalog does not have. */
export function missingChunk(digest: Buffer): CoppiceError {
  const text = formatDigest(digest);
  return new CoppiceError("CORRUPT", `Cannot read chunk ${text}: the catalog does not list it`, { digest: text });
}
