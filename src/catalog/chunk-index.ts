/**
 * Chunk index: which pack holds a chunk, and where.
 *
 * A row that SQLite hands to JavaScript one by one costs 3 to 8 µs, mostly the crossing. What concerns
 * many chunks therefore crosses in bulk: rows go in as the bytes that the packs hold, cut up by SQL
 * itself, and come out as one run of bytes. Those of small commits stand apart for a while (see recent-chunks).
 */

import type { Database, Statement } from "../database/sqlite.js";
import type { WriteTransaction } from "../database/write-transaction.js";
import { DIGEST_BYTES } from "../model/digest.js";
import type { ChunkKind, ChunkLocation } from "../pack/chunk-location.js";
import { CHUNK_PLACE_BYTES, CHUNK_ROW_BYTES, decodePlace } from "../pack/chunk-table.js";
import { sortByDigest } from "../pack/sort-by-digest.js";
import type { ChunkLocator } from "./chunk-locator.js";
import { checked, LOCATED_PACK_AT, LOCATED_ROW_BYTES, LocatedChunks } from "./chunk-locator.js";
import { RecentChunks } from "./recent-chunks.js";

/** Bytes and counts of what is stored, by kind. */
export interface StoredSums {
  readonly kind: ChunkKind;
  readonly count: number;
  readonly bytes: number;
}

/** A chunk and where it lies. */
export type LocatedChunk = ChunkLocation & { readonly digest: Buffer };

/** Chunks of one pack that are new. */
export interface NewChunks {
  /** The pack's number. */
  readonly id: number;
  /** Rows as in a `ChunkTable`. */
  readonly rows: Buffer;
}

/** Fewer rows than this are a small commit's, or are added one by one: a statement that adds several makes a file to undo it with. */
const SMALL_ROWS_MAX = 64;
/** The index is read in bulk in so many parts, by the digests' first byte; a small one as a whole, which takes as long as one part. */
const PARTS = 64;
const SMALL_INDEX_ROWS = 2_000;
/** Reading all rows in bulk takes as long as looking up a quarter of them. */
const BULK_SHARE = 1 / 4;
/** Packs with smaller numbers have theirs cut out of a table: to print a number takes as long as all the rest of a row. */
const PACK_COLUMNS_MAX = 16_384;
const PACK_COLUMN_BYTES = LOCATED_ROW_BYTES - LOCATED_PACK_AT;
/** More rows than this, 64 bytes each, are not held in memory. */
const BULK_ROWS_MAX = 4_000_000;

export class ChunkIndex implements ChunkLocator {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;
  readonly #recent: RecentChunks;
  #locating: Statement<[Buffer], [number, Buffer]> | undefined;
  #finding: Statement<[Buffer], number> | undefined;
  #wasFilled = false;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
    this.#recent = new RecentChunks(database);
  }

  get #locate(): Statement<[Buffer], [number, Buffer]> {
    return (this.#locating ??= this.#database
      .prepare<[Buffer], [number, Buffer]>("SELECT pack, place FROM chunk WHERE digest = ?")
      .raw());
  }

  get #has(): Statement<[Buffer], number> {
    return (this.#finding ??= this.#database
      .prepare<[Buffer], number>("SELECT 1 FROM chunk WHERE digest = ?")
      .pluck());
  }

  /** Whether no chunk is stored at all, as far as is known: once there was one it is not looked for again. */
  get isEmpty(): boolean {
    const first = () =>
      this.#database
        .prepare("SELECT 1 FROM chunk UNION ALL SELECT 1 FROM recent_chunk LIMIT 1")
        .get();
    this.#wasFilled ||= this.#transaction.read(first) !== undefined;
    return !this.#wasFilled;
  }

  /** Returns whether a chunk is stored. */
  has(digest: Buffer): boolean {
    return this.#transaction.read(() => {
      const isJoined = () => this.#has.get(digest) !== undefined;
      if (isJoined()) return true;
      // What joined the others meanwhile is in neither of what was looked at.
      const hasJoined = this.#recent.refresh();
      return this.#recent.has(digest) || (hasJoined && isJoined());
    });
  }

  /**
   * Returns what tells whether a chunk is stored. One lookup each; chunks of small commits are known as they are now, and
   * may be missed when they are committed later.
   */
  asOfNow(): (digest: Buffer) => boolean {
    this.#transaction.read(() => this.#recent.refresh());
    return (digest) =>
      this.#recent.has(digest) || this.#transaction.read(() => this.#has.get(digest) !== undefined);
  }

  /**
   * Returns where a chunk lies, or `undefined`. One lookup, 2 to 8 µs; of a small commit's chunk two.
   *
   * @throws {CoppiceError} CORRUPT
   */
  locate(digest: Buffer): ChunkLocation | undefined {
    const location = this.#transaction.read(() => {
      const joined = this.#locateJoined(digest);
      if (joined !== undefined) return joined;
      const hasJoined = this.#recent.refresh();
      return this.#recent.find(digest) ?? (hasJoined ? this.#locateJoined(digest) : undefined);
    });
    return location && checked(digest, location);
  }

  /**
   * Returns the quickest way to look up many chunks.
   *
   * @param lookups about how many there will be
   */
  locatorFor(lookups: number): ChunkLocator {
    const rows = this.rowsFor(lookups);
    if (rows === undefined) return this;
    const located = new LocatedChunks(rows);
    return { locate: (digest) => located.locate(digest) ?? this.locate(digest) };
  }

  /**
   * Returns the rows of all chunks but small commits' as they are now (see chunk-locator), sorted by digest, or `undefined`
   * where to look chunks up one by one costs less, or all of them would take too much memory.
   *
   * @param lookups about how many there would be
   */
  rowsFor(lookups: number): Buffer | undefined {
    const max = Math.min(BULK_ROWS_MAX, Math.floor(lookups / BULK_SHARE));
    const count = this.#countUpTo(max + 1);
    if (count > max || count === 0) return undefined;
    const rows = Buffer.concat([...this.rowParts()]);
    // A row of another length, in a damaged catalog, would shift all others.
    return rows.length === count * LOCATED_ROW_BYTES ? rows : undefined;
  }

  /** Returns the rows of the chunks of small commits that have not joined the others (see chunk-locator), in no order. */
  recentRows(): Buffer {
    const chunks = this.#transaction.readTogether(() => this.#notJoined());
    return Buffer.concat(
      chunks.map(({ digest, pack, offset, lengthBytes, kind, checksum }) => {
        const row = Buffer.alloc(LOCATED_ROW_BYTES);
        row.set(digest);
        row.writeBigUInt64LE(BigInt(offset), DIGEST_BYTES);
        row.writeUInt32LE(lengthBytes, DIGEST_BYTES + 8);
        row[DIGEST_BYTES + 12] = kind;
        row.set(checksum, DIGEST_BYTES + 16);
        row.writeUInt32BE(pack, LOCATED_PACK_AT);
        return row;
      }),
    );
  }

  /** Has the chunks of small commits join the others, as part of a transaction. */
  joinRecent(): void {
    this.#recent.join();
  }

  /** Yields the rows of all chunks but small commits' (see chunk-locator), sorted by digest, in parts, each as it is when it is asked for. 0.3 µs a chunk. */
  rowParts(): Generator<Buffer> {
    return this.#bulk(
      `digest || place || CASE WHEN pack BETWEEN 0 AND length(@packs) / ${PACK_COLUMN_BYTES} - 1
       THEN substr(@packs, pack * ${PACK_COLUMN_BYTES} + 1, ${PACK_COLUMN_BYTES}) ELSE unhex(printf('%08x00000000', pack)) END`,
    );
  }

  /**
   * Adds chunks, as part of a transaction: 1 to 2 µs each. In the order of their digests, so that each
   * page of the B-tree is written once; SQLite takes five times as long to sort them. A small commit's are not looked at.
   *
   * @param onKnown what becomes of a row whose digest another one has meanwhile
   */
  insert({ id, rows }: NewChunks, onKnown: "REPLACE" | "IGNORE"): void {
    if (rows.length === 0) return;
    if (rows.length <= SMALL_ROWS_MAX * CHUNK_ROW_BYTES) {
      if (onKnown === "IGNORE") {
        this.#recent.add({ id, rows });
        return;
      }
      const insert = this.#database.prepare(`INSERT OR ${onKnown} INTO chunk VALUES (?, ?, ?)`);
      for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
        const placeAt = at + DIGEST_BYTES;
        insert.run(rows.subarray(at, placeAt), id, rows.subarray(placeAt, at + CHUNK_ROW_BYTES));
      }
      return;
    }
    this.#database
      .prepare(
        `WITH RECURSIVE row (at) AS (
           SELECT 1 UNION ALL SELECT at + ${CHUNK_ROW_BYTES} FROM row
           WHERE at + ${CHUNK_ROW_BYTES} < length(@rows)
         )
         INSERT OR ${onKnown} INTO chunk
         SELECT substr(@rows, at, 32), @id, substr(@rows, at + 32, ${CHUNK_PLACE_BYTES})
         FROM row`,
      )
      .run({ id, rows: sortByDigest(rows) });
  }

  /** Returns the chunks of a pack from an offset on, by their offsets. Reads the whole index. */
  ofPackFrom(pack: number, offset: number): LocatedChunk[] {
    return this.#transaction.readTogether(() =>
      [...this.#joinedOf(pack), ...this.#notJoined().filter((chunk) => chunk.pack === pack)]
        .filter((chunk) => chunk.offset >= offset)
        .sort((a, b) => a.offset - b.offset),
    );
  }

  /** Forgets the chunks of a pack from an offset on, as part of a transaction. */
  removeFrom(pack: number, offset: number): void {
    this.#recent.join();
    const remove = this.#database.prepare("DELETE FROM chunk WHERE digest = ?");
    for (const chunk of this.#joinedOf(pack)) if (chunk.offset >= offset) remove.run(chunk.digest);
  }

  /** Returns counts and stored bytes by kind of chunk. Reads the whole index, 0.3 µs a chunk. */
  sums(): StoredSums[] {
    const sums = new Map<ChunkKind, StoredSums>();
    const add = ({ kind, lengthBytes }: ChunkLocation) => {
      const { count, bytes } = sums.get(kind) ?? { count: 0, bytes: 0 };
      sums.set(kind, { kind, count: count + 1, bytes: bytes + lengthBytes });
    };
    this.#transaction.readTogether(() => {
      for (const places of this.#bulk("place")) {
        for (let at = 0; at < places.length; at += CHUNK_PLACE_BYTES)
          add(decodePlace(0, places, at));
      }
      this.#notJoined().forEach(add);
    });
    return [...sums.values()].sort((a, b) => a.kind - b.kind);
  }

  #locateJoined(digest: Buffer): ChunkLocation | undefined {
    const row = this.#locate.get(digest);
    return row && decodePlace(...row);
  }

  #joinedOf(pack: number): LocatedChunk[] {
    return this.#database
      .prepare<[number], [Buffer, Buffer]>("SELECT digest, place FROM chunk WHERE pack = ?")
      .raw()
      .all(pack)
      .map(([digest, place]) => ({ digest, ...decodePlace(pack, place) }));
  }

  /** Returns the chunks that the table does not have (R1). */
  #notJoined(): LocatedChunk[] {
    this.#recent.refresh();
    return [...this.#recent].filter(({ digest }) => this.#has.get(digest) === undefined);
  }

  /**
   * Yields a column of all chunks as bytes, in the order of their digests. SQLite joins bytes as it joins texts, and looks
   * at neither: a text with zero bytes is as good as another (sqlite.org, "NUL Characters In Strings").
   */
  *#bulk(column: string): Generator<Buffer> {
    const part = this.#database
      .prepare<[{ first: Buffer; last: Buffer; packs: Buffer }], Buffer | null>(
        `SELECT CAST(group_concat(${column}, '') AS BLOB) FROM chunk WHERE digest BETWEEN @first AND @last`,
      )
      .pluck();
    const packs = this.#packColumns();
    const parts = this.#countUpTo(SMALL_INDEX_ROWS) < SMALL_INDEX_ROWS ? 1 : PARTS;
    for (let index = 0; index < parts; index++) {
      const first = Buffer.from([(index * 256) / parts]);
      const last = Buffer.alloc(32, 255);
      last[0] = ((index + 1) * 256) / parts - 1;
      const bytes = this.#transaction.read(() => part.get({ first, last, packs }));
      if (bytes !== null && bytes !== undefined) yield bytes;
    }
  }

  /** Returns how many chunks there are but small commits', and no more than so many. */
  #countUpTo(max: number): number {
    return this.#transaction.read(() =>
      this.#database.prepare("SELECT count(*) FROM (SELECT 1 FROM chunk LIMIT ?)").pluck().get(max),
    ) as number;
  }

  /** Returns what ends a row in memory, for each pack with a small number (see chunk-locator). */
  #packColumns(): Buffer {
    const last = this.#transaction.read(() =>
      this.#database.prepare("SELECT max(id) FROM pack").pluck().get(),
    ) as number | null;
    const count = Math.min((last ?? 0) + 1, PACK_COLUMNS_MAX);
    const columns = Buffer.alloc(count * PACK_COLUMN_BYTES);
    for (let pack = 0; pack < count; pack++) columns.writeUInt32BE(pack, pack * PACK_COLUMN_BYTES);
    return columns;
  }
}
