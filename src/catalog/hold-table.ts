/**
 * Hold table: what sessions need that no snapshot, or soon none, refers to, in the catalog. A collection leaves it alone.
 *
 * A session with overlays does not say what these stand on: there may be thousands of them a second. It says that it has
 * some; who removes a snapshot then holds its root for that session, which lets go of it in its own time.
 */

import type { Database } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import type { ChunkIndex } from "./chunk-index.js";

/**
 * What is held and why: a `root` that overlays may stand on, a `list` or a chunk of `data` that was stored for want of
 * memory, or a root that is read right now by its chunks' places (`reading`): no pack's file may go then.
 */
export type HoldRole = "root" | "list" | "data" | "reading";

/** Something that a session needs, with all that it refers to. */
export interface Hold {
  readonly digest: Buffer;
  readonly role: HoldRole;
}

/** Says that something is needed, for as long as it is referred to. */
export type Keep = Hold;

export class HoldTable {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #session: string;
  readonly #chunks: Pick<ChunkIndex, "has">;
  /** How often the same is held for a while, by role and digest. */
  readonly #counts = new Map<string, number>();
  /** What is needed for as long as somebody refers to it, by role and digest. */
  readonly #kept = new Map<string, WeakRef<Keep>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    if (this.#kept.get(key)?.deref() === undefined) this.#kept.delete(key);
  });

  /** @param session the own one */
  constructor(
    database: Database,
    transaction: WriteTransaction,
    chunks: Pick<ChunkIndex, "has">,
    session: string,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#chunks = chunks;
    this.#session = session;
  }

  /** Says that the session has overlays from now on. The session has begun. */
  noteOverlays(): void {
    this.#transaction.run(
      () =>
        this.#database.prepare("UPDATE session SET overlays = 1 WHERE id = ?").run(this.#session),
      "relaxed",
    );
  }

  /** Holds something that is stored for the session, which has begun; within a write transaction. */
  add({ digest, role }: Hold): void {
    this.#database
      .prepare("INSERT OR IGNORE INTO hold VALUES (?, ?, ?)")
      .run(this.#session, digest, role);
  }

  /**
   * Says that something is needed for as long as what this returns is referred to. Nothing is written: it is for what a
   * session holds that others held for it (`addForOverlays`), or that it held itself.
   */
  keep(hold: Hold): Keep {
    const key = keyOf(hold);
    const known = this.#kept.get(key)?.deref();
    if (known !== undefined) return known;
    const keep = { ...hold };
    this.#kept.set(key, new WeakRef(keep));
    this.#forgotten.register(keep, key);
    return keep;
  }

  /** Lets go of what the session holds and nothing refers to any more. A look-up, where there is none. */
  releaseForgotten(): void {
    const isNeeded = (hold: Hold) => {
      const key = keyOf(hold);
      return this.#counts.has(key) || this.#kept.get(key)?.deref() !== undefined;
    };
    this.release(this.own().filter((hold) => !isNeeded(hold)));
  }

  /**
   * Holds something for a while, for the session, which has begun.
   *
   * @returns what lets go of it; idempotent
   */
  takeFor(hold: Hold): () => void {
    const key = keyOf(hold);
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) {
      this.#transaction.run(() => {
        // What is gone already cannot be kept, and would be missed by who looks for what is to stay.
        if (this.#chunks.has(hold.digest)) this.add(hold);
      }, "relaxed");
    }
    this.#counts.set(key, count + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#counts.get(key) ?? 1) - 1;
      this.#counts.set(key, left);
      if (left > 0) return;
      this.#counts.delete(key);
      this.release([hold]);
    };
  }

  /** Holds a root for all sessions that have overlays; within a write transaction. */
  addForOverlays(root: Buffer): void {
    this.#database
      .prepare("INSERT OR IGNORE INTO hold SELECT id, ?, 'root' FROM session WHERE overlays = 1")
      .run(root);
  }

  /** Returns what the own session holds. */
  own(): Hold[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT digest, role FROM hold WHERE session = ?").all(this.#session),
    ) as Hold[];
  }

  /** Returns what is held by whomever. */
  all(): Hold[] {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT DISTINCT digest, role FROM hold").all(),
    ) as Hold[];
  }

  /** Returns what the own session needs for as long as it is referred to; until memory is collected also what nothing refers to any more. */
  keptNow(): Hold[] {
    return [...this.#kept.values()].flatMap((each) => each.deref() ?? []);
  }

  /** Returns the other sessions that have overlays, for people. */
  othersWithOverlays(): string[] {
    const rows = this.#transaction.read(() =>
      this.#database
        .prepare("SELECT pid, host FROM session WHERE overlays = 1 AND id <> ? ORDER BY started_ms")
        .all(this.#session),
    ) as { readonly pid: number; readonly host: string }[];
    return rows.map(({ pid, host }) => `pid ${pid} on ${host}`);
  }

  /** Lets go of something. */
  release(holds: readonly Hold[]): void {
    if (holds.length === 0) return;
    this.#transaction.run(() => {
      const remove = this.#database.prepare(
        "DELETE FROM hold WHERE session = ? AND digest = ? AND role = ?",
      );
      for (const { digest, role } of holds) remove.run(this.#session, digest, role);
    }, "relaxed");
  }
}

function keyOf({ digest, role }: Hold): string {
  return `${role} ${digest.toString("hex")}`;
}
