/**
 * Catalog: the index of packs and chunks, the snapshots and their names.
 *
 * Invariants:
 * (C1) `commit` is the only point at which chunks and snapshots come to exist.
 * (C2) A chunk's row is written only after its bytes were written, and synced where the caller wants
 *      `full` durability.
 * (C3) A pack is appended to by the session in its row alone.
 * (C4) When a `full` commit returns, all that its snapshot and those before it refer to is on stable storage:
 *      what lies between a pack's `synced` and its `length` belongs to `relaxed` snapshots after it alone.
 */

import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { newSessionId } from "../database/session-lock.js";
import { SessionTable } from "../database/session-table.js";
import type { Database } from "../database/sqlite.js";
import { WriteTransaction } from "../database/write-transaction.js";
import { CoppiceError } from "../model/error.js";
import { PACK_BYTES_MAX } from "../pack/pack-codec.js";
import type { AddedSnapshot, Addition, KnownDirectory, OwnedPack } from "./addition.js";
import { PackInUse, RemovalsMoved } from "./addition.js";
import { CheckTable } from "./check-table.js";
import { ChunkIndex } from "./chunk-index.js";
import { CollectionTable } from "./collection-table.js";
import { giveBack } from "./give-back.js";
import { HoldTable } from "./hold-table.js";
import { LossTable } from "./loss-table.js";
import { openDatabase } from "./open-database.js";
import { PinTable } from "./pin-table.js";
import { RepairTable } from "./repair-table.js";
import { RetentionTable } from "./retention-table.js";
import { SnapshotTable } from "./snapshot-table.js";
import { WorkspaceTable } from "./workspace-table.js";

export class Catalog {
  /** Which pack holds a chunk, and where. */
  readonly chunks: ChunkIndex;
  /** The snapshots and their names. */
  readonly snapshots: SnapshotTable;
  /** The workspaces, and what their layers are made of. */
  readonly workspaces: WorkspaceTable;
  /** What is known to be lost or damaged. */
  readonly losses: LossTable;
  /** What sessions need beside the snapshots. */
  readonly holds: HoldTable;
  /** What a collection changes. */
  readonly collection: CollectionTable;
  /** The snapshots that nothing removes. */
  readonly pins: PinTable;
  /** What is to stay, and how much the packs may hold. */
  readonly retention: RetentionTable;
  /** What a repair changes. */
  readonly repairs: RepairTable;
  /** When packs were checked, and what is known to miss something. */
  readonly checks: CheckTable;
  readonly #file: string;
  readonly #identity: string | undefined;
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #session: SessionTable;
  readonly #packNames = new Map<number, string>();
  #storeId: string | undefined;

  /**
   * Opens the catalog of a store. Writes nothing to one that exists.
   *
   * @param directory the store's, with its directory `sessions`
   * @throws {CoppiceError} STORE_TOO_NEW, NOT_A_STORE, CORRUPT, UNSUPPORTED
   */
  constructor(directory: string, file: string) {
    this.#database = openDatabase(file);
    this.#file = file;
    this.#identity = identityOf(file);
    const session = newSessionId();
    this.#transaction = new WriteTransaction(this.#database, session);
    this.#session = new SessionTable(this.#database, this.#transaction, {
      id: session,
      locks: join(directory, "sessions"),
      forgetOwned: giveBack,
    });
    this.chunks = new ChunkIndex(this.#database, this.#transaction);
    this.holds = new HoldTable(this.#database, this.#transaction, this.chunks, session);
    this.pins = new PinTable(this.#database, this.#transaction);
    this.snapshots = new SnapshotTable(this.#database, this.#transaction, this.holds, this.pins);
    this.collection = new CollectionTable(
      this.#database,
      this.#transaction,
      this.holds,
      this.chunks,
      session,
    );
    this.retention = new RetentionTable(this.#database, this.#transaction);
    this.repairs = new RepairTable(this.#database, this.#transaction, this, session);
    this.checks = new CheckTable(this.#database, this.#transaction);
    this.workspaces = new WorkspaceTable(this.#database, this.#transaction);
    this.losses = new LossTable(
      this.#database,
      this.#transaction,
      this.chunks,
      this.snapshots,
      session,
    );
  }

  /**
   * Starts this catalog's session (S1), and gives back what the dead ones owned (S3). The first time this costs
   * some transactions that are not synced, after that nothing.
   *
   * @param whileAlone called once, while no other session is there and none can start
   * @throws {CoppiceError} STORE_BUSY, DISK_FULL, IO
   */
  beginWriting(whileAlone?: () => void): void {
    this.#session.begin(whileAlone);
  }

  /**
   * Checks that what is written will be found again: a database goes on working when its file is gone. One system call.
   *
   * @throws {CoppiceError} STORE_REPLACED
   */
  requireInPlace(): void {
    if (identityOf(this.#file) === this.#identity) return;
    throw new CoppiceError(
      "STORE_REPLACED",
      `Cannot write to catalog ${this.#file}: it was removed or replaced since it was opened, open the store again`,
      { path: this.#file },
    );
  }

  /** Gives back what sessions owned that have died since. */
  clearDeadSessions(): void {
    this.#session.clearDead();
  }

  /** The store's identity, 32 hexadecimal digits, written into each of its packs. */
  get storeId(): string {
    return (this.#storeId ??= this.#transaction.read(
      () =>
        this.#database
          .prepare("SELECT value FROM meta WHERE key = 'store_id'")
          .pluck()
          .get() as string,
    ));
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
    return this.#packsWhere("retired = 0");
  }

  /**
   * Returns the packs that hold committed bytes which are not on stable storage: those of `relaxed`
   * commits. A `full` commit must not refer to them before they are synced (C4). Of damaged packs nothing
   * is relied on that is not.
   */
  unsyncedPacks(): OwnedPack[] {
    return this.#packsWhere("synced < length AND readable IS NULL AND retired = 0");
  }

  /**
   * Takes a pack to append to: one that nobody owns and that has room, or a new one.
   */
  acquirePack(): OwnedPack {
    this.beginWriting();
    const free = this.#transaction.run(() => {
      const found = this.#database
        .prepare(
          "SELECT id, name, length AS lengthBytes, synced AS syncedBytes FROM pack WHERE session IS NULL AND readable IS NULL AND sealed = 0 AND length < ? ORDER BY id DESC LIMIT 1",
        )
        .get(PACK_BYTES_MAX) as OwnedPack | undefined;
      if (found !== undefined) {
        this.#database
          .prepare("UPDATE pack SET session = ? WHERE id = ?")
          .run(this.#session.id, found.id);
      }
      return found;
    }, "relaxed");
    if (free !== undefined) return free;
    // Synced: after a power cut nobody would know a pack's file without its row.
    return this.#transaction.run(() => {
      const name = randomBytes(8).toString("hex");
      const { lastInsertRowid } = this.#database
        .prepare("INSERT INTO pack (name, length, synced, session) VALUES (?, 0, 0, ?)")
        .run(name, this.#session.id);
      return { id: Number(lastInsertRowid), name, lengthBytes: 0, syncedBytes: 0 };
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
    }, "relaxed");
  }

  /**
   * Adds what a capture wrote, in one transaction; when it returns, the snapshot exists.
   *
   * @returns whether the packs hold more than they may
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND when the parent was removed meanwhile, STORE_BUSY, DISK_FULL
   * @throws {RemovalsMoved}
   */
  commit(addition: Addition, durability: "full" | "relaxed"): boolean {
    return this.#transaction.run(() => {
      const { removals } = this.collection;
      if (addition.removals !== undefined && removals !== addition.removals)
        throw new RemovalsMoved(removals);
      addition.check?.();
      this.#setLengths(addition);
      // A relaxed commit may have brought a chunk meanwhile, with bytes that are not on stable storage.
      const onKnown = durability === "full" ? "REPLACE" : "IGNORE";
      for (const pack of addition.packs) this.chunks.insert(pack, onKnown);
      for (const { row, before } of addition.erasures ?? []) this.snapshots.replace(row, before);
      if (addition.erasures !== undefined) this.collection.noteErasing();
      for (const hold of addition.holds ?? []) this.holds.add(hold);
      for (const each of addition.snapshots ?? []) this.#addSnapshot(each);
      return addition.snapshots !== undefined && this.retention.isOver;
    }, durability);
  }

  /**
   * Has chunks lie elsewhere, where their bytes are on stable storage, and retires the pack in which they lay, unless told otherwise.
   *
   * @param mayGo called under the write lock: whether nobody needs the pack itself
   * @throws {PackInUse} where somebody does, or reads by places; nothing is changed
   */
  commitMove(
    from: { readonly id: number; readonly retires: boolean },
    addition: Pick<Addition, "packs" | "synced" | "bootId">,
    mayGo: () => boolean,
  ): void {
    this.#transaction.run(() => {
      if (this.holds.all().some(({ role }) => role === "reading") || !mayGo())
        throw new PackInUse();
      this.#setLengths(addition);
      this.chunks.joinRecent();
      for (const pack of addition.packs) this.collection.moveChunks(from.id, pack);
      if (from.retires) this.collection.retire(from.id);
    });
  }

  /** Retires a pack that is owned and in which no chunk lies. */
  retirePack(id: number): void {
    this.#transaction.run(() => this.collection.retire(id));
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

  /** Has the database take over what is in its log, and the log take no space. Nothing happens while others read. */
  shortenLog(): void {
    this.#transaction.read(() => this.#database.pragma("wal_checkpoint(TRUNCATE)"));
  }

  /** Ends the session. Idempotent. */
  close(): void {
    if (!this.#database.open) return;
    try {
      this.#session.end();
    } finally {
      this.#database.close();
      this.#session.release();
    }
  }

  #packsWhere(condition: string): OwnedPack[] {
    const columns = "id, name, length AS lengthBytes, synced AS syncedBytes";
    const query = `SELECT ${columns} FROM pack WHERE ${condition} ORDER BY id`;
    return this.#transaction.read(() => this.#database.prepare(query).all()) as OwnedPack[];
  }

  #setLengths({
    packs,
    synced,
    bootId,
    keepsPacks,
  }: Pick<Addition, "packs" | "synced" | "bootId" | "keepsPacks">): void {
    const setLength = this.#database.prepare(
      keepsPacks === true
        ? "UPDATE pack SET length = ?, boot = ? WHERE id = ? AND session = ?"
        : "UPDATE pack SET length = ?, boot = ?, session = NULL WHERE id = ? AND session = ?",
    );
    for (const { id, lengthBytes } of packs) {
      if (setLength.run(lengthBytes, bootId ?? null, id, this.#session.id).changes !== 1)
        throw new Error(`Pack ${id} is appended to by its owner alone`);
    }
    const setSynced = this.#database.prepare(
      "UPDATE pack SET synced = max(synced, ?) WHERE id = ?",
    );
    for (const pack of synced) setSynced.run(pack.lengthBytes, pack.id);
  }

  #addSnapshot({ row, directory, workspace }: AddedSnapshot): void {
    this.snapshots.insert(row);
    if (directory !== undefined) this.#noteDirectory(directory);
    if (workspace === undefined) return;
    this.workspaces.setHead(workspace.id, row.id);
    if (workspace.anchor !== undefined) this.workspaces.setAnchor(row.digest, workspace.anchor);
  }

  #noteDirectory({ path, identity }: KnownDirectory): void {
    this.#database.prepare("INSERT OR REPLACE INTO directory VALUES (?, ?)").run(path, identity);
  }
}

/** Returns device and inode of a file. */
function identityOf(file: string): string | undefined {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status && `${status.dev} ${status.ino}`;
}
