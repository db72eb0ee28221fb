/**
 * Workspace table: the workspaces of a store and what their layers are made of, in the catalog.
 */
import type { Database } from "better-sqlite3";
import { CoppiceError } from "../model/error.js";
import type { WriteTransaction } from "./write-transaction.js";

/** A workspace as the catalog keeps it. */
export interface WorkspaceRow {
  readonly id: string;
  /** The directory that programs work in, absolute. */
  readonly path: string;
  readonly name: string | undefined;
  /** How the directory comes to be. */
  readonly driver: string;
  /** Id of the snapshot that its layers show. */
  readonly base: string;
  /** Id of the snapshot that it was last in the state of. */
  readonly head: string;
  readonly createdMs: number;
  /** In which boot of the machine it was mounted last. */
  readonly bootId: string | undefined;
}

const COLUMNS = "id, path, name, driver, base, head, created_ms AS createdMs, boot AS bootId";

export class WorkspaceTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  /** Returns all workspaces, oldest first. */
  all(): WorkspaceRow[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(`SELECT ${COLUMNS} FROM workspace ORDER BY created_ms, id`)
        .all()
        .map(toRow),
    );
  }

  /** Returns the workspace of an id, a name or a path, or `undefined`. */
  find(key: string): WorkspaceRow | undefined {
    return this.#transaction.read(() => {
      const row = this.#database
        .prepare(`SELECT ${COLUMNS} FROM workspace WHERE id = @key OR name = @key OR path = @key`)
        .get({ key });
      return row === undefined ? undefined : toRow(row);
    });
  }

  /**
   * Adds a workspace, or changes one, together with what makes it so: where that fails, nothing is changed.
   *
   * @param make makes the directory what the row says; other processes that change the catalog wait
   * @throws {CoppiceError} NAME_TAKEN; NOT_FOUND where a snapshot was removed meanwhile
   */
  put(row: WorkspaceRow, make: () => void): void {
    this.#transaction.run(() => {
      const taken = row.name === undefined ? undefined : this.find(row.name);
      if (taken !== undefined && taken.id !== row.id) {
        throw new CoppiceError(
          "NAME_TAKEN",
          `Cannot name workspace ${JSON.stringify(row.name)}: ${taken.path} has that name, choose another`,
        );
      }
      for (const id of [row.base, row.head]) {
        if (this.#database.prepare("SELECT 1 FROM snapshot WHERE id = ?").get(id) === undefined)
          throw new CoppiceError("NOT_FOUND", `Cannot fork snapshot ${id}: it was removed`);
      }
      this.#database
        .prepare("INSERT OR REPLACE INTO workspace VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .run(
          row.id,
          row.path,
          row.name ?? null,
          row.driver,
          row.base,
          row.head,
          row.createdMs,
          row.bootId ?? null,
        );
      make();
    }, "relaxed");
  }

  /** Notes the snapshot that a workspace is in the state of; to be called within a write transaction. */
  setHead(id: string, head: string): void {
    this.#database.prepare("UPDATE workspace SET head = ? WHERE id = ?").run(head, id);
  }

  /** Forgets a workspace, together with what ends it. */
  remove(id: string, end: () => void): void {
    this.#transaction.run(() => {
      this.#database.prepare("DELETE FROM workspace WHERE id = ?").run(id);
      end();
    }, "relaxed");
  }

  /** Does something while no other process changes the catalog. */
  alone(action: () => void): void {
    this.#transaction.run(action, "relaxed");
  }

  /** Returns the digest of the root whose image the layers of another one are to lie on, or `undefined`. */
  anchorOf(root: Buffer): Buffer | undefined {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT anchor FROM layer WHERE root = ?").pluck().get(root),
    ) as Buffer | undefined;
  }

  /** Notes an anchor; to be called within a write transaction. */
  setAnchor(root: Buffer, anchor: Buffer): void {
    this.#database.prepare("INSERT OR REPLACE INTO layer VALUES (?, ?)").run(root, anchor);
  }
}

function toRow(raw: unknown): WorkspaceRow {
  const { name, bootId, ...row } = raw as Omit<WorkspaceRow, "name" | "bootId"> & {
    readonly name: string | null;
    readonly bootId: string | null;
  };
  return { ...row, name: name ?? undefined, bootId: bootId ?? undefined };
}
