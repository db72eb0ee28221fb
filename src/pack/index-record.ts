/**
 * Index record: reading the lists of chunks in a pack (FORMAT.md, section 3).
 */
import type { DiskFile } from "../disk/disk.js";
import { xxh64 } from "../hash/xxh64.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_ROW_BYTES } from "./chunk-table.js";
import {
  INDEX_END_MAGIC,
  INDEX_HEADER_BYTES,
  INDEX_MAGIC,
  INDEX_TRAILER_BYTES,
  PACK_HEADER_BYTES,
  packPath,
} from "./pack-codec.js";

/** A record of one row, the shortest there is. */
export const RECORD_BYTES_MIN = INDEX_HEADER_BYTES + CHUNK_ROW_BYTES + INDEX_TRAILER_BYTES;

/** An index record where it lies. */
export interface IndexRecord {
  readonly offset: number;
  readonly end: number;
  /** Where the chunks start that it lists. */
  readonly regionStart: number;
  /** Rows as in a `ChunkTable`. */
  readonly rows: Buffer;
}

/** Returns the record at an offset, or `undefined` where it is none of this pack and place. Its rows are not checked. */
export function readIndexRecord(
  file: Pick<DiskFile, "read">,
  name: string,
  offset: number,
  to: number,
): IndexRecord | undefined {
  const header = Buffer.alloc(INDEX_HEADER_BYTES);
  if (file.read(header, offset) < header.length) return undefined;
  const length = header.readUInt32LE(8);
  const isOurs =
    header.subarray(0, INDEX_MAGIC.length).equals(INDEX_MAGIC) &&
    length >= RECORD_BYTES_MIN &&
    offset + length <= to &&
    header.readBigUInt64LE(16) === BigInt(offset) &&
    header.toString("hex", 32, 40) === name;
  if (!isOurs) return undefined;
  const record = Buffer.allocUnsafe(length);
  if (file.read(record, offset) < length) return undefined;
  const end = length - INDEX_TRAILER_BYTES;
  const isIntact =
    record.readBigUInt64LE(end) === xxh64(record.subarray(0, end)) &&
    record.readUInt32LE(end + 8) === length &&
    record.readUInt32LE(end + 12) === INDEX_END_MAGIC &&
    (end - INDEX_HEADER_BYTES) % CHUNK_ROW_BYTES === 0;
  if (!isIntact) return undefined;
  return {
    offset,
    end: offset + length,
    regionStart: Number(record.readBigUInt64LE(24)),
    rows: record.subarray(INDEX_HEADER_BYTES, end),
  };
}

/**
 * Yields all records of a pack from the last one to the first ("From the end"). Reads nothing but them.
 *
 * @param lengthBytes its committed length
 * @throws {CoppiceError} CORRUPT where one is not what it should be
 */
export function* indexRecords(
  file: DiskFile,
  name: string,
  lengthBytes: number,
): Generator<IndexRecord> {
  const trailer = Buffer.alloc(INDEX_TRAILER_BYTES);
  for (let end = lengthBytes; end > PACK_HEADER_BYTES; ) {
    const isRead = file.read(trailer, end - trailer.length) === trailer.length;
    const start = isRead ? end - trailer.readUInt32LE(8) : -1;
    const record = start > 0 ? readIndexRecord(file, name, start, end) : undefined;
    if (record?.end !== end || record.regionStart > record.offset) {
      throw new CoppiceError(
        "CORRUPT",
        `Cannot read pack ${name}: no index record ends at ${end}, restore the pack from a copy of the store`,
        { path: packPath(name) },
      );
    }
    yield record;
    end = record.regionStart;
  }
}
