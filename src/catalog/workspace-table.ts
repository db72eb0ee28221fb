/**
 * Workspace table: the workspaces of a store and what their layers are made of, in the catalog.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { CoppiceError } from "../model/error.js";

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
  /** In which boot of the machine it was attached last. */
  readonly bootId: string | undefined;
  /** Whether nobody can write to it. */
  readonly isReadOnly: boolean;
  /** False from before its files are made, restored or removed until after: whoever was at it may have been killed. */
  readonly isWhole: boolean;
  /** The drivers that would have been better, and why they could not be used. */
  readonly passedOver: readonly { readonly name: string; readonly problem: string }[];
  /** Names the directory in which an overlay's changes lie: another one after each restore; empty before there is one. */
  readonly layer: string;
  /** The paths that no snapshot of it has (model/omitted-paths). */
  readonly omit: readonly string[];
}

const COLUMNS = `id, path, name, driver, base, head, created_ms AS createdMs, boot AS bootId,
  read_only AS isReadOnly, whole AS isWhole, passed AS passedOver, layer, omit`;

const PUT = `INSERT INTO workspace VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
  base = excluded.base, head = excluded.head, boot = excluded.boot, whole = excluded.whole, layer = excluded.layer`;

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

  /** Returns the workspaces that omit something. */
  omitting(): Pick<WorkspaceRow, "path" | "omit">[] {
    const rows = this.#transaction.read(() =>
      this.#database.prepare("SELECT path, omit FROM workspace WHERE omit <> '[]'").all(),
    ) as { readonly path: string; readonly omit: string }[];
    return rows.map(({ path, omit }) => ({ path, omit: JSON.parse(omit) as readonly string[] }));
  }

  /** Whether a snapshot is the base of a workspace. */
  hasBase(snapshot: string): boolean {
    return this.#transaction.read(
      () =>
        this.#database.prepare("SELECT 1 FROM workspace WHERE base = ? LIMIT 1").get(snapshot) !==
        undefined,
    );
  }

  /**
   * Adds a workspace, or changes what one stands on, together with what makes it so: where that fails, nothing is
   * changed.
   *
   * @param make makes the directory what the row says; other processes that change the catalog wait
   * @throws {CoppiceError} NAME_TAKEN; IN_USE where another one has the directory; NOT_FOUND where a snapshot was
   * removed meanwhile
   */
  put(row: WorkspaceRow, make: () => void): void {
    this.#transaction.run(() => {
      this.#requireFree(row);
      for (const id of new Set([row.base, row.head])) {
        if (this.#database.prepare("SELECT 1 FROM snapshot WHERE id = ?").get(id) === undefined)
          throw new CoppiceError("NOT_FOUND", `Cannot fork snapshot ${id}: it was removed`);
      }
      this.#database
        .prepare(PUT)
        .run(
          row.id,
          row.path,
          row.name ?? null,
          row.driver,
          row.base,
          row.head,
          row.createdMs,
          row.bootId ?? null,
          row.isReadOnly ? 1 : 0,
          row.isWhole ? 1 : 0,
          JSON.stringify(row.passedOver),
          row.layer,
          JSON.stringify(row.omit),
        );
      make();
    }, "relaxed");
  }

  /** Notes the snapshot that a workspace is in the state of; to be called within a write transaction. */
  setHead(id: string, head: string): void {
    this.#database.prepare("UPDATE workspace SET head = ? WHERE id = ?").run(head, id);
  }

  /** Forgets a workspace and its directory, together with what ends it. */
  remove({ id, path }: Pick<WorkspaceRow, "id" | "path">, end: () => void): void {
    this.#transaction.run(() => {
      this.#database.prepare("DELETE FROM workspace WHERE id = ?").run(id);
      this.#database.prepare("DELETE FROM directory WHERE path = ?").run(path);
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

  /** Forgets the anchors of roots that are gone, and those that are gone themselves; within a write transaction. */
  forgetAnchors(isThere: (root: Buffer) => boolean): void {
    const rows = this.#database.prepare("SELECT root, anchor FROM layer").all() as {
      readonly root: Buffer;
      readonly anchor: Buffer;
    }[];
    const forget = this.#database.prepare("DELETE FROM layer WHERE root = ?");
    for (const { root, anchor } of rows) if (!isThere(root) || !isThere(anchor)) forget.run(root);
  }

  #requireFree({ id, name, path }: WorkspaceRow): void {
    const named = name === undefined ? undefined : this.find(name);
    if (named !== undefined && named.id !== id) {
      throw new CoppiceError(
        "NAME_TAKEN",
        `Cannot name workspace ${JSON.stringify(name)}: ${named.path} has that name, choose another`,
      );
    }
    const standing = this.find(path);
    if (standing !== undefined && standing.id !== id) {
      throw new CoppiceError(
        "IN_USE",
        `Cannot make workspace in ${path}: workspace ${standing.id} has that directory, discard it or give another one`,
        { path },
      );
    }
  }
}

interface RawWorkspace
  extends Omit<WorkspaceRow, "name" | "bootId" | "isReadOnly" | "isWhole" | "passedOver" | "omit"> {
  readonly name: string | null;
  readonly bootId: string | null;
  readonly isReadOnly: number;
  readonly isWhole: number;
  readonly passedOver: string;
  readonly omit: string;
}

function toRow(raw: unknown): WorkspaceRow {
  const { name, bootId, isReadOnly, isWhole, passedOver, omit, ...row } = raw as RawWorkspace;
  return {
    ...row,
    name: name ?? undefined,
    bootId: bootId ?? undefined,
    isReadOnly: isReadOnly === 1,
    isWhole: isWhole === 1,
    passedOver: JSON.parse(passedOver) as WorkspaceRow["passedOver"],
    omit: JSON.parse(omit) as readonly string[],
  };
}
