/**
 * Find index record: where a run of a pack's regions ends, told from its bytes (FORMAT.md, "By search").
 */
import type { Disk, DiskFile } from "../disk/disk.js";
import { xxh64 } from "../hash/xxh64.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import { isUnreadable } from "../model/system-failure.js";
import type { ChunkLocation } from "./chunk-location.js";
import { chunkRows } from "./chunk-table.js";
import type { IndexRecord } from "./index-record.js";
import { RECORD_BYTES_MIN, readIndexRecord } from "./index-record.js";
import { openPack } from "./open-pack.js";
import type { PackIdentity } from "./pack-codec.js";
import { INDEX_MAGIC, PACK_HEADER_BYTES } from "./pack-codec.js";

/** Searched at once. */
const WINDOW_BYTES = 1024 * 1024;
/** Two bytes that files rarely hold: 0.1 to 0.2 ns a byte to search for them, 0.6 for the eight of the magic. */
const MAGIC_END = INDEX_MAGIC.subarray(-2);
/** What disks read at once, mostly: one that is bad takes no more with it. */
const SECTOR_BYTES = 4096;

/** What is looked through. */
export interface PackTail {
  /** The pack's name, 16 hexadecimal digits. */
  readonly name: string;
  readonly file: DiskFile;
  /** 0, or where a record ends: what lies below is not looked at. */
  readonly start: number;
  readonly end: number;
  /** The chunks between `start` and `end` that count, by their offsets. */
  readonly chunks: Iterable<Omit<ChunkLocation, "pack" | "kind">>;
}

/**
 * Returns up to where all is as it was written: the end of the last index record below which every chunk
 * agrees with its checksum; `start` where there is none. The header is the caller's to check.
 *
 * Costs reading the chunks and what lies between them. A record lies between chunks, never in one: a file
 * that holds a forged record is not mistaken for it.
 */
export function wholeEnd({ name, file, start, end, chunks }: PackTail): number {
  let whole = Math.max(start, PACK_HEADER_BYTES);
  let at = whole;
  for (const chunk of chunks) {
    whole = endOfRecords(file, name, at, chunk.offset, whole);
    if (!isIntact(file, chunk)) return whole === PACK_HEADER_BYTES ? start : whole;
    at = Math.max(at, chunk.offset + chunk.lengthBytes);
  }
  whole = endOfRecords(file, name, at, end, whole);
  return whole === PACK_HEADER_BYTES ? start : whole;
}

function isIntact(file: DiskFile, chunk: Omit<ChunkLocation, "pack" | "kind">): boolean {
  const bytes = Buffer.allocUnsafe(chunk.lengthBytes);
  return (
    file.read(bytes, chunk.offset) === bytes.length &&
    xxh64(bytes) === chunk.checksum.readBigUInt64LE()
  );
}

/** Returns the end of the last record in a gap between chunks that goes on from where the one before ended. */
function endOfRecords(
  file: DiskFile,
  name: string,
  from: number,
  to: number,
  regionStart: number,
): number {
  let last = regionStart;
  for (let at = from; at + RECORD_BYTES_MIN <= to; ) {
    const found = findMagic(file, at, to);
    if (found === undefined) return last;
    const record = readIndexRecord(file, name, found, to);
    const end = record?.regionStart === last ? record.end : undefined;
    if (end !== undefined) last = end;
    at = end ?? found + 1;
  }
  return last;
}

/**
 * Yields what looks like an index record and begins between two places, from the front; after each the search goes on at its end. A file can
 * hold a forged one: what lies within a chunk is none. Past what cannot be read it goes on.
 *
 * @param onUnreadable called where something could not be read
 */
export function* searchRecords(
  file: DiskFile,
  name: string,
  { fromBytes, toBytes }: { readonly fromBytes: number; readonly toBytes: number },
  onUnreadable: () => void = () => undefined,
): Generator<IndexRecord> {
  const readable = {
    read: (into: Uint8Array, position: number) => readPast(file, into, position, onUnreadable),
  };
  const to = file.size();
  // One that begins in front of this place may end behind it.
  const beginTo = Math.min(to, toBytes + RECORD_BYTES_MIN - 1);
  for (let at = fromBytes; at < toBytes; ) {
    const found = findMagic(readable, at, beginTo);
    if (found === undefined || found >= toBytes) return;
    const record = readIndexRecord(readable, name, found, to);
    const isSound = record !== undefined && hasSoundRows(record);
    if (isSound) yield record;
    at = isSound ? record.end : found + 1;
  }
}

/** Whether a record follows the place at which another one, or the header, ends: what it lists was written after that. */
export function hasRecordBehind(
  disk: Disk,
  identity: PackIdentity,
  committedBytes: number,
): boolean {
  let file: DiskFile;
  try {
    file = openPack(disk, identity, "read");
  } catch (error) {
    if (error instanceof CoppiceError) return false; // There is none, or it is another pack.
    throw error;
  }
  try {
    return recordFollows(file, identity.name, committedBytes);
  } finally {
    file.close();
  }
}

/** As `hasRecordBehind`, of a pack that is open. */
export function recordFollows(file: DiskFile, name: string, committedBytes: number): boolean {
  const start = Math.max(committedBytes, PACK_HEADER_BYTES);
  const size = file.size();
  return size > start && endOfRecords(file, name, start, size, start) > start;
}

/** Reads what can be read; the sectors that cannot (EIO) are zeros. */
function readPast(
  file: DiskFile,
  into: Uint8Array,
  position: number,
  onUnreadable: () => void,
): number {
  try {
    return file.read(into, position);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  const length = Math.max(0, Math.min(into.length, file.size() - position));
  for (let at = 0; at < length; at += SECTOR_BYTES) {
    const sector = into.subarray(at, Math.min(at + SECTOR_BYTES, length));
    try {
      file.read(sector, position + at);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      onUnreadable();
      sector.fill(0);
    }
  }
  return length;
}

function hasSoundRows({ rows, offset, regionStart }: IndexRecord): boolean {
  if (regionStart < PACK_HEADER_BYTES || regionStart > offset) return false;
  for (const chunk of chunkRows(rows, 0)) {
    const { lengthBytes, offset: start } = chunk;
    const isSound = lengthBytes > 0 && lengthBytes <= CHUNK_BYTES_MAX && start >= regionStart;
    if (!isSound || start + lengthBytes > offset) return false;
  }
  return true;
}

/** Returns where the magic of a record stands first. */
function findMagic(file: Pick<DiskFile, "read">, from: number, to: number): number | undefined {
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, to - from));
  for (let at = from; at + RECORD_BYTES_MIN <= to; at += window.length - INDEX_MAGIC.length + 1) {
    const length = file.read(window.subarray(0, Math.min(window.length, to - at)), at);
    const index = indexOfMagic(window.subarray(0, length));
    if (index >= 0) return at + index;
  }
  return undefined;
}

/** Returns where the magic stands first, -1 where it does not. */
function indexOfMagic(bytes: Buffer): number {
  const before = INDEX_MAGIC.length - MAGIC_END.length;
  for (let at = bytes.indexOf(MAGIC_END, before); at >= 0; at = bytes.indexOf(MAGIC_END, at + 1)) {
    const start = at - before;
    if (bytes[start] !== INDEX_MAGIC[0]) continue;
    if (bytes.compare(INDEX_MAGIC, 0, INDEX_MAGIC.length, start, at + MAGIC_END.length) === 0)
      return start;
  }
  return -1;
}
