/**
 * Chunk numbers: where the chunks of an image lie, by small numbers instead of objects.
 *
 * Where an image needs a good part of a store's chunks, the whole table is read at once and looked up in memory;
 * else each chunk is looked up in the catalog.
 */
import type { Catalog } from "../catalog/catalog.js";
import { LOCATED_PACK_AT, LOCATED_ROW_BYTES, missingChunk } from "../catalog/chunk-locator.js";
import { DIGEST_BYTES } from "../model/digest.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { ObjectSource } from "../tree/tree-reader.js";

/** Few lookups are cheaper than preparing anything. */
const LOOKUPS_MIN = 500;

/** What the index reads of the catalog. */
export type ChunkCatalog = Pick<Catalog, "chunks" | "packs">;

/** A row in words of four and of eight bytes. */
const ROW_WORDS = LOCATED_ROW_BYTES / 4;
const ROW_LONGS = LOCATED_ROW_BYTES / 8;
const DIGEST_WORDS = DIGEST_BYTES / 4;
const CHECKSUM_AT = DIGEST_BYTES + 16;

export class ChunkNumbers implements ObjectSource {
  /** Reads what the index tells of. */
  readonly reader: ChunkReader;
  readonly #catalog: ChunkCatalog;
  /** Rows as in chunk-locator: those of the whole table, then those that were looked up singly. */
  #rows = Buffer.alloc(0);
  #words = new Uint32Array(0);
  #longs = new BigUint64Array(0);
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
    const rows =
      expectedLookups < LOOKUPS_MIN ? undefined : catalog.chunks.rowsFor(expectedLookups);
    if (rows !== undefined) this.#takeAll(rows);
  }

  /**
   * Returns the number of a chunk in this index.
   *
   * @param bytes what its digest lies in, at `at`
   * @throws {CoppiceError} CORRUPT where it is not stored
   */
  row(bytes: Buffer, at = 0): number {
    const bucket = swapBytes(word(bytes, at)) >>> this.#shift;
    const end = this.#starts[bucket + 1] as number;
    for (let row = this.#starts[bucket] as number; row < end; row++) {
      if (this.#isAt(row, bytes, at)) return row;
    }
    const key = bytes.toString("latin1", at, at + DIGEST_BYTES);
    const known = this.#single.get(key);
    if (known !== undefined) return known;
    const row = this.#lookUp(bytes.subarray(at, at + DIGEST_BYTES));
    this.#single.set(key, row);
    return row;
  }

  pack(row: number): number {
    return swapBytes(this.#words[row * ROW_WORDS + LOCATED_PACK_AT / 4] as number) >>> 0;
  }

  offset(row: number): number {
    const at = row * ROW_WORDS + 8;
    return (this.#words[at] as number) + (this.#words[at + 1] as number) * 0x1_0000_0000;
  }

  lengthBytes(row: number): number {
    return this.#words[row * ROW_WORDS + 10] as number;
  }

  /** Returns XXH64 of a chunk's bytes. */
  checksum(row: number): bigint {
    return this.#longs[row * ROW_LONGS + 6] as bigint;
  }

  /** Returns a chunk's digest, a view. */
  digest(row: number): Buffer {
    return this.#rows.subarray(row * LOCATED_ROW_BYTES, row * LOCATED_ROW_BYTES + DIGEST_BYTES);
  }

  location(row: number): Omit<ChunkLocation, "kind"> {
    const at = row * LOCATED_ROW_BYTES + CHECKSUM_AT;
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

  #isAt(row: number, bytes: Buffer, at: number): boolean {
    const start = row * ROW_WORDS;
    for (let index = 0; index < DIGEST_WORDS; index++) {
      if (this.#words[start + index] !== word(bytes, at + 4 * index)) return false;
    }
    return true;
  }

  #takeAll(rows: Buffer): void {
    this.#count = rows.length / LOCATED_ROW_BYTES;
    this.#resize(rows.length);
    rows.copy(this.#rows);
    const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2(this.#count + 1))));
    this.#shift = 32 - bits;
    this.#starts = new Uint32Array(2 ** bits + 1).fill(this.#count);
    for (let row = this.#count - 1; row >= 0; row--) {
      this.#starts[swapBytes(this.#words[row * ROW_WORDS] as number) >>> this.#shift] = row;
    }
    // An empty bucket begins, and ends, where the next one begins.
    for (let bucket = 2 ** bits - 1; bucket >= 0; bucket--) {
      const next = this.#starts[bucket + 1] as number;
      if ((this.#starts[bucket] as number) > next) this.#starts[bucket] = next;
    }
  }

  #lookUp(digest: Buffer): number {
    const location = this.#catalog.chunks.locate(digest);
    if (location === undefined) throw missingChunk(digest);
    const at = this.#count * LOCATED_ROW_BYTES;
    if (at + LOCATED_ROW_BYTES > this.#rows.length)
      this.#resize(Math.max(2 * this.#rows.length, 64 * LOCATED_ROW_BYTES));
    digest.copy(this.#rows, at);
    this.#rows.writeBigUInt64LE(BigInt(location.offset), at + DIGEST_BYTES);
    this.#rows.writeUInt32LE(location.lengthBytes, at + DIGEST_BYTES + 8);
    location.checksum.copy(this.#rows, at + CHECKSUM_AT);
    this.#rows.writeUInt32BE(location.pack, at + LOCATED_PACK_AT);
    return this.#count++;
  }

  #resize(bytes: number): void {
    const memory = new ArrayBuffer(bytes);
    const rows = Buffer.from(memory);
    this.#rows.copy(rows);
    this.#rows = rows;
    this.#words = new Uint32Array(memory);
    this.#longs = new BigUint64Array(memory);
  }
}

/** Returns four bytes as the machine holds them: little-endian, wherever this library runs (native-library). */
function word(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** Digests are ordered by their first bytes first. */
function swapBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
