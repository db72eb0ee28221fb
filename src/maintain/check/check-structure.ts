/**
 * Check structure: whether a pack is made as src/pack/FORMAT.md says, and lists what the catalog lists of it. Reads its header, its
 * index records and what lies between its chunks.
 */
import type { Disk, DiskFile } from "../../disk/disk.js";
import { CoppiceError } from "../../model/error.js";
import { isUnreadable } from "../../model/system-failure.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { type IndexRecord, indexRecords } from "../../pack/index-record.js";
import { openPack } from "../../pack/open-pack.js";
import type { PackIdentity } from "../../pack/pack-codec.js";
import { PACK_HEADER_BYTES } from "../../pack/pack-codec.js";
import { isDamage } from "./is-damage.js";
import { lengthAt, offsetAt, sortRows } from "./sort-rows.js";

/** What can be wrong with a pack, beside its chunks. */
export type PackProblemKind =
  /** The file is not there, or is not this pack. */
  | "pack"
  /** The file, or something in it beside the chunks, cannot be read. */
  | "unreadable"
  /** It is shorter than committed. */
  | "short"
  /** An index record is damaged: the catalog could not be made again from this pack alone. */
  | "index"
  /** Chunks of an index record overlap, or lie outside of its region. */
  | "overlap"
  /** The catalog gives a chunk a place that the pack does not. */
  | "row"
  /** There are bytes other than zeros where no chunk lies. */
  | "gap";

/** Something that is wrong with a pack. */
export interface PackProblem {
  readonly kind: PackProblemKind;
  /** Where in the pack, where that is known. */
  readonly offset: number | undefined;
  /** For people. */
  readonly message: string;
}

/** So many problems of one pack are told. */
const PROBLEMS_MAX = 100;
/** Of a gap so many bytes are read at once. */
const GAP_WINDOW_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(GAP_WINDOW_BYTES);

/**
 * Returns what is wrong with a pack.
 *
 * @param lengthBytes its committed length
 * @param rows what the catalog lists of it, sorted by offset
 */
export function checkStructure(
  disk: Disk,
  identity: PackIdentity,
  lengthBytes: number,
  rows: Buffer,
): PackProblem[] {
  try {
    const file = openPack(disk, identity, "read");
    try {
      return [...problems(file, identity.name, lengthBytes, rows)].slice(0, PROBLEMS_MAX);
    } finally {
      file.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    const kind = isUnreadable(error) ? "unreadable" : "pack";
    return [{ kind, offset: undefined, message: (error as Error).message }];
  }
}

function* problems(
  file: DiskFile,
  name: string,
  lengthBytes: number,
  rows: Buffer,
): Generator<PackProblem> {
  const size = file.size();
  if (size < lengthBytes) {
    const message = `it has ${size} bytes where ${lengthBytes} were committed`;
    yield { kind: "short", offset: size, message };
    return;
  }
  const records: IndexRecord[] = [];
  try {
    for (const record of indexRecords(file, name, lengthBytes)) records.unshift(record);
  } catch (error) {
    if (!(error instanceof CoppiceError && error.code === "CORRUPT")) throw error;
    yield { kind: "index", offset: records[0]?.regionStart, message: error.message };
    return;
  }
  const listed = sortRows(Buffer.concat(records.map((record) => record.rows)));
  yield* checkRegions(file, records, listed);
  yield* compareRows(rows, listed);
}

/** Looks at each region: chunks within it, one behind the other, and zeros between them. */
function* checkRegions(
  file: DiskFile,
  records: readonly IndexRecord[],
  listed: Buffer,
): Generator<PackProblem> {
  let at = 0;
  let end = PACK_HEADER_BYTES;
  for (const record of records) {
    const { length } = record.rows;
    for (const regionEnd = at + length; at < regionEnd; at += CHUNK_ROW_BYTES) {
      const offset = offsetAt(listed, at);
      if (offset < end || offset + lengthAt(listed, at) > record.offset) {
        const message = `the chunk at ${offset} overlaps what lies beside it`;
        yield { kind: "overlap", offset, message };
      }
      if (offset > end) yield* checkGap(file, end, offset);
      end = Math.max(end, offset + lengthAt(listed, at));
    }
    if (record.offset > end) yield* checkGap(file, end, record.offset);
    end = record.end;
  }
}

function* checkGap(file: DiskFile, start: number, end: number): Generator<PackProblem> {
  const window = Buffer.allocUnsafe(Math.min(GAP_WINDOW_BYTES, end - start));
  for (let at = start; at < end; at += window.length) {
    const bytes = window.subarray(0, file.read(window.subarray(0, end - at), at));
    if (bytes.equals(ZEROS.subarray(0, bytes.length))) continue;
    const offset = at + bytes.findIndex((byte) => byte !== 0);
    const message = `there are bytes at ${offset} where no chunk lies`;
    yield { kind: "gap", offset, message };
    return;
  }
}

/** Each row of the catalog is one of the pack's. */
function* compareRows(rows: Buffer, listed: Buffer): Generator<PackProblem> {
  let other = 0;
  for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
    const offset = offsetAt(rows, at);
    while (other < listed.length && offsetAt(listed, other) < offset) other += CHUNK_ROW_BYTES;
    const isEqual =
      other < listed.length &&
      rows.compare(listed, other, other + CHUNK_ROW_BYTES, at, at + CHUNK_ROW_BYTES) === 0;
    if (isEqual) continue;
    const message = `the catalog has a chunk at ${offset} that the pack does not list there`;
    yield { kind: "row", offset, message };
  }
}
