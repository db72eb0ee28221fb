/**
 * Chunk index: where the chunks of an image lie, by small numbers instead of objects.
 *
 * Where an image needs a good part of a store's chunks, the whole table is read at once and looked up in memory;
 * else each chunk is looked up in the catalog.
 */
import { BULK_ROW_BYTES } from "../catalog/bulk-chunks.js";
import type { Catalog } from "../catalog/catalog.js";
import { missingChunk } from "../catalog/catalog.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/** A row of the whole table costs 1.4 µs, a single lookup 10 µs: measured, both within a factor of two. */
const ROWS_PER_LOOKUP = 5;
/** Few lookups are cheaper than preparing anything. */
const LOOKUPS_MIN = 500;
const PAGE_ROWS = 32_768;
/** Bounds the memory: 470 MB. */
const ROWS_MAX = 8_388_608;

/** What the index reads of the catalog. */
export type ChunkCatalog = Pick<Catalog, "bulk" | "locate" | "packs">;

export class ChunkIndex implements ObjectSource {
  /** Reads what the index tells of. */
  readonly reader: ChunkReader;
  readonly #catalog: ChunkCatalog;
  /** Rows as in `bulk-chunks`: those of the whole table, then those that were looked up singly. */
  #rows = Buffer.alloc(0);
  #count = 0;
  /** By the leading bits of a digest, where its rows begin; and one more, where the last ones end. */
  #starts = new Uint32Array(2);
  #shift = 31;
  readonly #single = new Map<string, number>();

  /**
   * Reads the whole table, where that will pay.
   *
   * @param expectedLookups how many different chunks an image may need; a good guess makes it fast, a bad one slow
   * @throws {CoppiceError} CORRUPT
   */
  constructor(catalog: ChunkCatalog, reader: ChunkReader, expectedLookups: number) {
    this.#catalog = catalog;
    this.reader = reader;
    const worthwhile = Math.min(ROWS_PER_LOOKUP * expectedLookups, ROWS_MAX);
    if (expectedLookups >= LOOKUPS_MIN && catalog.bulk.count(worthwhile + 1) <= worthwhile)
      this.#readAll();
  }

  /**
   * Returns the number of a chunk in this index.
   *
   * @throws {CoppiceError} CORRUPT where it is not stored
   */
  row(digest: Buffer): number {
    const bucket = digest.readUInt32BE(0) >>> this.#shift;
    const end = this.#starts[bucket + 1] as number;
    for (let row = this.#starts[bucket] as number; row < end; row++) {
      if (startsWith(this.#rows, row * BULK_ROW_BYTES, digest)) return row;
    }
    const key = digest.toString("latin1");
    const known = this.#single.get(key);
    if (known !== undefined) return known;
    const row = this.#lookUp(digest);
    this.#single.set(key, row);
    return row;
  }

  pack(row: number): number {
    return this.#rows.readUInt32LE(row * BULK_ROW_BYTES + 52);
  }

  offset(row: number): number {
    const at = row * BULK_ROW_BYTES + 40;
    return this.#rows.readUInt32LE(at) + this.#rows.readUInt32LE(at + 4) * 0x1_0000_0000;
  }

  lengthBytes(row: number): number {
    return this.#rows.readUInt32LE(row * BULK_ROW_BYTES + 48);
  }

  /** Returns a chunk's digest, a view. */
  digest(row: number): Buffer {
    return this.#rows.subarray(row * BULK_ROW_BYTES, row * BULK_ROW_BYTES + DIGEST_BYTES);
  }

  location(row: number): Omit<ChunkLocation, "kind"> {
    const at = row * BULK_ROW_BYTES + DIGEST_BYTES;
    return {
      pack: this.pack(row),
      offset: this.offset(row),
      lengthBytes: this.lengthBytes(row),
      checksum: this.#rows.subarray(at, at + 8),
    };
  }

  /** Returns all packs with their committed lengths. */
  packs(): ReturnType<ChunkCatalog["packs"]> {
    return this.#catalog.packs();
  }

  readObject(digest: Buffer): Buffer {
    const location = this.location(this.row(digest));
    // The reader says what is wrong with an impossible length.
    const bytes = Buffer.allocUnsafe(Math.min(location.lengthBytes, CHUNK_BYTES_MAX));
    this.reader.readInto(digest, location, bytes);
    return bytes;
  }

  #readAll(): void {
    const pages: Buffer[] = [];
    for (let after: Buffer = Buffer.alloc(0); ; ) {
      const page = this.#catalog.bulk.rows(after, PAGE_ROWS);
      if (page.length > 0) pages.push(page);
      if (page.length < PAGE_ROWS * BULK_ROW_BYTES) break;
      const last = page.length - BULK_ROW_BYTES;
      after = page.subarray(last, last + DIGEST_BYTES);
    }
    this.#rows = Buffer.concat(pages);
    this.#count = this.#rows.length / BULK_ROW_BYTES;
    const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2(this.#count + 1))));
    this.#shift = 32 - bits;
    this.#starts = new Uint32Array(2 ** bits + 1).fill(this.#count);
    for (let row = this.#count - 1; row >= 0; row--) {
      this.#starts[this.#rows.readUInt32BE(row * BULK_ROW_BYTES) >>> this.#shift] = row;
    }
    // An empty bucket begins, and ends, where the next one begins.
    for (let bucket = 2 ** bits - 1; bucket >= 0; bucket--) {
      const next = this.#starts[bucket + 1] as number;
      if ((this.#starts[bucket] as number) > next) this.#starts[bucket] = next;
    }
  }

  #lookUp(digest: Buffer): number {
    const location = this.#catalog.locate(digest);
    if (location === undefined) throw missingChunk(digest);
    const at = this.#count * BULK_ROW_BYTES;
    if (at + BULK_ROW_BYTES > this.#rows.length)
      this.#rows = Buffer.concat(
        [this.#rows],
        Math.max(2 * this.#rows.length, 64 * BULK_ROW_BYTES),
      );
    digest.copy(this.#rows, at, 0, DIGEST_BYTES);
    location.checksum.copy(this.#rows, at + 32);
    this.#rows.writeBigUInt64LE(BigInt(location.offset), at + 40);
    this.#rows.writeUInt32LE(location.lengthBytes, at + 48);
    this.#rows.writeUInt32LE(location.pack, at + 52);
    return this.#count++;
  }
}

/** Eight steps in JavaScript cost less than one call of Buffer.compare. */
function startsWith(rows: Buffer, at: number, digest: Buffer): boolean {
  for (let index = 0; index < DIGEST_BYTES; index += 4) {
    if (rows.readInt32LE(at + index) !== digest.readInt32LE(index)) return false;
  }
  return true;
}
