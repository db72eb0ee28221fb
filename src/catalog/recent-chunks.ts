/**
 * Recent chunks: those of small commits, before they join the others.
 *
 * Digests are random: each row of the table of chunks changes another page, which is written to the log whole. A small commit
 * therefore adds its rows as they are, as one row behind the one before. When many have come together they join the
 * others at once, and a page takes several of them.
 *
 * Invariants:
 * (R1) Where the table of chunks has a digest, what is said of it here does not count; else what was said first does.
 * (R2) A number is never given again, so that who has read up to one finds all that came later behind it: when chunks join
 *      the others, a row without any takes the next number.
 */

import type { Database, Statement } from "../database/sqlite.js";
import { DIGEST_BYTES } from "../model/digest.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import { CHUNK_PLACE_BYTES, CHUNK_ROW_BYTES, chunkRows, decodePlace } from "../pack/chunk-table.js";
import type { LocatedChunk, NewChunks } from "./chunk-index.js";

/** So many commits are kept apart. More would take longer to read for who opens the store, fewer would share less. */
const COMMITS_MAX = 1024;

/** What was added by one commit; `first` is the number of the oldest one that is there. */
type Commit = [first: number, sequence: number, pack: number, rows: Buffer];

export class RecentChunks {
  readonly #database: Database;
  /** What was read, by digest as Latin-1. */
  readonly #chunks = new Map<string, { readonly pack: number; readonly row: Buffer }>();
  /** The numbers from and up to which all was read; 0 where there was nothing. */
  #first = 0;
  #last = 0;
  #reading: Statement<[number], Commit> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the chunks of a small commit, as part of its transaction. */
  add({ id, rows }: NewChunks): void {
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO recent_chunk (pack, rows) VALUES (?, ?)")
      .run(id, rows);
    if (Number(lastInsertRowid) % COMMITS_MAX === 0) this.join();
  }

  /** Has all chunks join the others, as part of a transaction. */
  join(): void {
    this.#database
      .prepare(
        `WITH RECURSIVE chunk_row (sequence, pack, rows, at) AS (
           SELECT sequence, pack, rows, 1 FROM recent_chunk WHERE length(rows) > 0
           UNION ALL SELECT sequence, pack, rows, at + ${CHUNK_ROW_BYTES} FROM chunk_row
           WHERE at + ${CHUNK_ROW_BYTES} < length(rows)
         )
         INSERT OR IGNORE INTO chunk
         SELECT substr(rows, at, ${DIGEST_BYTES}), pack, substr(rows, at + ${DIGEST_BYTES}, ${CHUNK_PLACE_BYTES})
         FROM chunk_row ORDER BY 1, sequence`,
      )
      .run();
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO recent_chunk (pack, rows) VALUES (0, x'')")
      .run();
    this.#database.prepare("DELETE FROM recent_chunk WHERE sequence < ?").run(lastInsertRowid);
  }

  /**
   * Reads what came since the last time. Not within a transaction that changes something: what it did may be undone.
   *
   * @returns whether some that were here have joined the others since
   */
  refresh(): boolean {
    let commits = this.#commitsFrom(this.#last);
    const hasJoined = (commits[0]?.[0] ?? 0) !== this.#first;
    if (hasJoined) {
      this.#chunks.clear();
      commits = this.#commitsFrom(0);
      this.#first = commits[0]?.[0] ?? 0;
      this.#last = 0;
    }
    for (const commit of commits) if (commit[1] > this.#last) this.#take(commit);
    return hasJoined;
  }

  /** Returns where a chunk lies, `undefined` where what was read does not say so. */
  find(digest: Buffer): ChunkLocation | undefined {
    const found = this.#chunks.get(digest.toString("latin1"));
    return found && decodePlace(found.pack, found.row, DIGEST_BYTES);
  }

  /** Whether a chunk is among those that were read. */
  has(digest: Buffer): boolean {
    return this.#chunks.has(digest.toString("latin1"));
  }

  /** Yields what was read. */
  *[Symbol.iterator](): Generator<LocatedChunk> {
    for (const { pack, row } of this.#chunks.values()) yield* chunkRows(row, pack);
  }

  /** The one of the number is among them: where it is the newest, the first one is still told. */
  #commitsFrom(sequence: number): Commit[] {
    this.#reading ??= this.#database
      .prepare<[number], Commit>(
        `SELECT (SELECT sequence FROM recent_chunk ORDER BY sequence LIMIT 1), sequence, pack, rows
         FROM recent_chunk WHERE sequence >= ? ORDER BY sequence`,
      )
      .raw();
    return this.#reading.all(sequence);
  }

  #take([, sequence, pack, rows]: Commit): void {
    for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
      const key = rows.toString("latin1", at, at + DIGEST_BYTES);
      const row = rows.subarray(at, at + CHUNK_ROW_BYTES);
      if (!this.#chunks.has(key)) this.#chunks.set(key, { pack, row });
    }
    this.#last = sequence;
  }
}
