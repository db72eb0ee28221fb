/**
 * Bulk chunks: many rows of the chunk table at once, at a seventh of what single lookups cost.
 *
 * Measured for 145,411 rows: one lookup each 1.4 s, iterated 0.9 s, this way 0.2 s. What costs is the way
 * from SQLite to JavaScript for each row and value, so a page of rows comes as one text: hexadecimal
 * digits, and numbers that are decimal ones, with a leading 1 that keeps their width.
 */
import type { Database } from "better-sqlite3";
import { CoppiceError } from "../model/error.js";
import type { WriteTransaction } from "./write-transaction.js";

/**
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 32 | digest |
 * | 32 | 8 | XXH64 of the bytes as stored |
 * | 40 | 8 | offset in the pack |
 * | 48 | 4 | length |
 * | 52 | 4 | pack |
 */
export const BULK_ROW_BYTES = 56;

/** Powers of ten above every offset, length and pack number; the digits make 32 in all. */
const OFFSET_BASE = 1_000_000_000_000;
const LENGTH_BASE = 100_000_000;
const PACK_BASE = 1_000_000_000;

const PAGE = `
  SELECT count(*), group_concat(line, '') FROM (
    SELECT hex(digest) || hex(checksum) || (${OFFSET_BASE} + offset) || (${LENGTH_BASE} + length)
      || (${PACK_BASE} + pack) AS line
    FROM chunk WHERE digest > ? ORDER BY digest LIMIT ?
  )`;

export class BulkChunks {
  readonly #database: Database;
  readonly #transaction: WriteTransaction;

  constructor(database: Database, transaction: WriteTransaction) {
    this.#database = database;
    this.#transaction = transaction;
  }

  /**
   * Returns rows in the order of their digests.
   *
   * @param after all digests are above this one; empty bytes are below all
   * @param rowsMax while it is read, a row takes 0.4 KB
   * @throws {CoppiceError} CORRUPT
   */
  rows(after: Buffer, rowsMax: number): Buffer {
    return this.#transaction.read(() => {
      const page = this.#database.prepare(PAGE).raw().get(after, rowsMax);
      const [count, text] = page as [number, string | null];
      const rows = Buffer.from(text ?? "", "hex");
      if (rows.length !== count * BULK_ROW_BYTES || (text ?? "").length !== 2 * rows.length)
        throw new CoppiceError("CORRUPT", "Cannot read catalog: a chunk has an impossible row");
      for (let at = 0; at < rows.length; at += BULK_ROW_BYTES) convertNumbers(rows, at + 40);
      return rows;
    });
  }

  /** Returns how many chunks are stored, or `max` where there are more. Costs 0.1 µs each. */
  count(max: number): number {
    const count = this.#database.prepare("SELECT count(*) FROM (SELECT 1 FROM chunk LIMIT ?)");
    return this.#transaction.read(() => count.pluck().get(max)) as number;
  }
}

/** Replaces 32 decimal digits, two in a byte, by the numbers. */
function convertNumbers(rows: Buffer, at: number): void {
  // 13 digits, 9 and 10: the sums of whole bytes, with the digit that two numbers share a byte split.
  let high = 0;
  for (let index = 0; index < 6; index++) high = high * 100 + decimal(rows[at + index] as number);
  const offset = high * 10 + ((rows[at + 6] as number) >>> 4) - OFFSET_BASE;
  let length = (rows[at + 6] as number) & 15;
  for (let index = 7; index < 11; index++)
    length = length * 100 + decimal(rows[at + index] as number);
  let pack = 0;
  for (let index = 11; index < 16; index++) pack = pack * 100 + decimal(rows[at + index] as number);
  rows.writeUInt32LE(offset >>> 0, at);
  rows.writeUInt32LE(Math.floor(offset / 0x1_0000_0000), at + 4);
  rows.writeUInt32LE(length - LENGTH_BASE, at + 8);
  rows.writeUInt32LE(pack - PACK_BASE, at + 12);
}

function decimal(byte: number): number {
  return (byte >>> 4) * 10 + (byte & 15);
}
