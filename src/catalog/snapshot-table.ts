/**
 * Snapshot table: the snapshots of a store and their names, in the catalog.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { CoppiceError } from "../model/error.js";
import { listed } from "../model/listed.js";
import { commonAncestor } from "./common-ancestor.js";
import type { HoldTable } from "./hold-table.js";
import type { PinTable } from "./pin-table.js";
import type { RawSnapshot } from "./raw-snapshot.js";
import { COLUMNS, toSnapshotRow } from "./raw-snapshot.js";

/** A snapshot as the catalog keeps it. */
export interface SnapshotRow {
  readonly id: string;
  readonly digest: Buffer;
  readonly stateDigest: Buffer;
  /** Digest of the snapshot's record in the packs. */
  readonly record: Buffer;
  readonly parent: string | undefined;
  /** The parents of a merge beside that one. */
  readonly mergeParents: readonly string[];
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: string;
  /** What was left out of it by choice. */
  readonly filter: SnapshotFilter;
  readonly createdMs: number;
  readonly entryCount: number;
  readonly totalBytes: number;
  /** When content was erased from it last. */
  readonly erasedMs?: number;
}

/** What a capture leaves out; a restore in place leaves it alone. */
export interface SnapshotFilter {
  readonly exclude: readonly string[];
  readonly gitignore: boolean;
}

/** The ids of a snapshot and of all that it comes from; `UNION` keeps each of them once. */
const LINE = `line (id) AS (
  SELECT @id
  UNION SELECT snapshot.parent FROM line JOIN snapshot USING (id) WHERE snapshot.parent IS NOT NULL
  UNION SELECT merge_parent.parent FROM line JOIN merge_parent ON merge_parent.snapshot = line.id)`;

export class SnapshotTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #holds: Pick<HoldTable, "addForOverlays">;
  readonly #pins: Pick<PinTable, "requireNone" | "drop">;

  /** @param holds has what overlays may still need of a snapshot that goes */
  constructor(
    database: Database,
    transaction: WriteTransaction,
    holds: Pick<HoldTable, "addForOverlays">,
    pins: Pick<PinTable, "requireNone" | "drop">,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#holds = holds;
    this.#pins = pins;
  }

  /** Yields snapshots, newest first. */
  *all(): Generator<SnapshotRow> {
    yield* this.#transaction.read(() =>
      this.#database
        .prepare(`SELECT ${COLUMNS} FROM snapshot ORDER BY sequence DESC`)
        .all()
        .map((row) => toSnapshotRow(row as RawSnapshot)),
    );
  }

  /** Returns the snapshot of an id or a name, or `undefined`. */
  find(idOrName: string): SnapshotRow | undefined {
    return this.#transaction.read(() => {
      const row = this.#database
        .prepare(`SELECT ${COLUMNS} FROM snapshot WHERE id = @key OR name = @key`)
        .get({ key: idOrName });
      return row === undefined ? undefined : toSnapshotRow(row as RawSnapshot);
    });
  }

  /** Returns whether there is a snapshot of an id. */
  has(id: string): boolean {
    const row = this.#transaction.read(() =>
      this.#database.prepare("SELECT 1 FROM snapshot WHERE id = ?").get(id),
    );
    return row !== undefined;
  }

  /** Returns the snapshots of a digest, newest first. */
  ofDigest(digest: Buffer): SnapshotRow[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(`SELECT ${COLUMNS} FROM snapshot WHERE digest = ? ORDER BY sequence DESC`)
        .all(digest)
        .map((row) => toSnapshotRow(row as RawSnapshot)),
    );
  }

  /** Returns the snapshots whose id, or whose digest's hexadecimal digits, start with a prefix; newest first. */
  like(prefix: string): SnapshotRow[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          `SELECT ${COLUMNS} FROM snapshot WHERE substr(id, 1, length(@prefix)) = @prefix OR substr(lower(hex(digest)), 1, length(@prefix)) = @prefix
           ORDER BY sequence DESC`,
        )
        .all({ prefix })
        .map((row) => toSnapshotRow(row as RawSnapshot)),
    );
  }

  /** Returns the snapshots that a snapshot comes from, newest first, each once. Costs a look-up for each of them. */
  ancestorsOf(id: string): SnapshotRow[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          `WITH RECURSIVE ${LINE}
           SELECT ${COLUMNS} FROM snapshot WHERE id IN line AND id <> @id ORDER BY sequence DESC`,
        )
        .all({ id })
        .map((row) => toSnapshotRow(row as RawSnapshot)),
    );
  }

  /**
   * Returns the newest snapshot that two others come from or are; `undefined` where there is none. No other one that they
   * have in common comes from it: parents are older than their children. Costs a look-up for each ancestor that is newer.
   */
  commonAncestor(a: string, b: string): SnapshotRow | undefined {
    const id = this.#transaction.read(() => commonAncestor(this.#database, [a, b]));
    return id === undefined ? undefined : this.find(id);
  }

  /** Returns the ids of the snapshots that have a snapshot among their parents. */
  childrenOf(id: string): string[] {
    return this.#transaction.read(() =>
      this.#database
        .prepare(
          `SELECT id FROM snapshot
           WHERE parent = @id OR id IN (SELECT snapshot FROM merge_parent WHERE parent = @id) ORDER BY sequence`,
        )
        .pluck()
        .all({ id }),
    ) as string[];
  }

  /**
   * Removes a snapshot's row. Its chunks stay until they are collected.
   *
   * @param reparent gives its children to its own parents; otherwise a snapshot with children is refused
   * @throws {CoppiceError} IN_USE, naming the children, or the workspaces that stand on it, or where it is pinned
   */
  remove(id: string, reparent: boolean): void {
    this.#transaction.run(() => this.#remove(id, reparent));
  }

  /**
   * Removes those of some snapshots that are there and that nothing needs: neither pinned nor stood on by a workspace. Their children
   * go to their parents.
   *
   * @returns the ids of those that went
   */
  removeUnused(ids: readonly string[]): string[] {
    return this.#transaction.run(() =>
      ids.filter((id) => {
        if (!this.has(id)) return false;
        try {
          this.#remove(id, true);
          return true;
        } catch (error) {
          if ((error as CoppiceError).code === "IN_USE") return false;
          throw error;
        }
      }),
    );
  }

  /**
   * Removes a snapshot's row and gives its children to its parents, each in its place. A workspace that was in its state last counts as
   * changed since its base. To be called within a write transaction.
   */
  drop(id: string): void {
    const dropped = this.find(id);
    for (const child of this.childrenOf(id)) {
      const parents = parentsOf(this.find(child) as SnapshotRow);
      this.#setParents(child, [
        ...new Set(parents.flatMap((each) => (each === id && dropped ? parentsOf(dropped) : each))),
      ]);
    }
    if (dropped !== undefined) this.#holds.addForOverlays(dropped.digest);
    this.#database.prepare("DELETE FROM merge_parent WHERE snapshot = ?").run(id);
    this.#pins.drop(id);
    this.#database.prepare("DELETE FROM degraded WHERE snapshot = ?").run(id);
    this.#database.prepare("UPDATE workspace SET head = base WHERE head = ?").run(id);
    this.#database.prepare("DELETE FROM snapshot WHERE id = ?").run(id);
  }

  /**
   * Adds a snapshot; to be called within a write transaction.
   *
   * @throws {CoppiceError} NAME_TAKEN, NOT_FOUND when the parent was removed meanwhile
   */
  insert(row: SnapshotRow): void {
    for (const parent of parentsOf(row)) {
      if (this.has(parent)) continue;
      throw new CoppiceError(
        "NOT_FOUND",
        `Cannot record snapshot: its parent ${parent} was removed meanwhile`,
      );
    }
    if (row.name !== undefined && this.find(row.name) !== undefined) {
      throw new CoppiceError(
        "NAME_TAKEN",
        `Cannot record snapshot: the name ${JSON.stringify(row.name)} is taken, choose another or remove its snapshot`,
      );
    }
    this.#database
      .prepare(
        `INSERT INTO snapshot (id, digest, state_digest, record, parent, name, labels, source, filter, created_ms, entry_count, total_bytes, erased_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
        row.erasedMs ?? null,
      );
    this.#addMergeParents(row.id, row.mergeParents);
  }

  /**
   * Has a snapshot be of another state, from which content was erased; to be called within a write transaction.
   *
   * @param before the digest of its record until now
   * @returns false, and nothing is changed, where it was removed or is of another state already
   */
  replace(row: SnapshotRow, before: Buffer): boolean {
    const { changes } = this.#database
      .prepare(
        `UPDATE snapshot SET digest = ?, state_digest = ?, record = ?, entry_count = ?, total_bytes = ?, erased_ms = ?
         WHERE id = ? AND record = ?`,
      )
      .run(
        row.digest,
        row.stateDigest,
        row.record,
        row.entryCount,
        row.totalBytes,
        row.erasedMs ?? null,
        row.id,
        before,
      );
    return changes === 1;
  }

  #remove(id: string, reparent: boolean): void {
    this.#pins.requireNone(id);
    const children = this.childrenOf(id);
    if (children.length > 0 && !reparent) {
      throw new CoppiceError(
        "IN_USE",
        `Cannot remove snapshot ${id}: it is a parent of ${listed(children)}, remove these first or hand them to its own parents (reparent)`,
      );
    }
    const workspaces = this.#database
      .prepare("SELECT path FROM workspace WHERE base = @id OR head = @id ORDER BY path")
      .pluck()
      .all({ id }) as string[];
    if (workspaces.length > 0) {
      throw new CoppiceError(
        "IN_USE",
        `Cannot remove snapshot ${id}: a workspace stands on it in ${listed(workspaces)}, discard it first`,
      );
    }
    this.drop(id);
  }

  #setParents(id: string, [parent, ...others]: readonly string[]): void {
    this.#database.prepare("UPDATE snapshot SET parent = ? WHERE id = ?").run(parent ?? null, id);
    this.#database.prepare("DELETE FROM merge_parent WHERE snapshot = ?").run(id);
    this.#addMergeParents(id, others);
  }

  #addMergeParents(id: string, parents: readonly string[]): void {
    for (const [index, parent] of parents.entries())
      this.#database
        .prepare("INSERT INTO merge_parent VALUES (?, ?, ?)")
        .run(id, index + 1, parent);
  }
}

/** Returns the ids of all parents, the first one first. */
export function parentsOf({
  parent,
  mergeParents,
}: Pick<SnapshotRow, "parent" | "mergeParents">): string[] {
  return parent === undefined ? [] : [parent, ...mergeParents];
}
