/**
 * Find unlisted: chunks that packs hold and the catalog does not list, told by their index records. A chunk counts if its digest fits.
 */
import type { PackState } from "../../catalog/loss-table.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { PACK_HEADER_BYTES } from "../../pack/pack-codec.js";
import type { FoundRecord } from "../check/check-job.js";
import type { CheckWorkers } from "../check/check-workers.js";
import { lengthAt, offsetAt, sortRows } from "../check/sort-rows.js";

/** What was found in a pack. */
export interface UnlistedChunks {
  readonly name: string;
  /** Up to where the pack counts: the end of its last index record. */
  readonly lengthBytes: number;
  /** The chunks, by offsets. */
  readonly rows: Buffer;
  /** Whether each region follows the one before: only then can the records be read from the end. */
  readonly isWhole: boolean;
  /** Whether all that lies there could be read. */
  readonly isReadable: boolean;
}

/** Where to look. */
export interface UnlistedPart {
  readonly name: string;
  /** What the catalog says was committed. */
  readonly fromBytes: PackState["lengthBytes"];
  /** About how many bytes lie there. */
  readonly bytes: number;
}

/** Checked at once by a thread. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Looks through a pack behind what was committed.
 *
 * @returns with no rows, and the length that was committed, where no index record is there
 */
export async function findUnlisted(
  workers: CheckWorkers,
  { name, fromBytes, bytes }: UnlistedPart,
  onChecked: (bytes: number) => void,
): Promise<UnlistedChunks> {
  const start = Math.max(fromBytes, PACK_HEADER_BYTES);
  const found = await workers.run({ type: "records", name, fromBytes: start }, bytes);
  const { isReadable } = found;
  const records = found.records.filter(({ regionStart }) => regionStart >= start);
  if (records.length === 0)
    return { name, lengthBytes: fromBytes, rows: Buffer.alloc(0), isWhole: true, isReadable };
  const rows = sortRows(Buffer.concat(records.map((record) => record.rows)));
  const isGood = new Uint8Array(rows.length / CHUNK_ROW_BYTES).fill(1);
  const jobs: Promise<void>[] = [];
  for (let at = 0; at < rows.length; ) {
    const first = at;
    let partBytes = 0;
    for (; at < rows.length && partBytes < PART_BYTES; at += CHUNK_ROW_BYTES)
      partBytes += lengthAt(rows, at);
    const part = new Uint8Array(rows.subarray(first, at));
    const job = async (): Promise<void> => {
      const bad = await workers.run({ type: "chunks", name, rows: part, deep: true }, partBytes);
      for (const { index } of bad) isGood[first / CHUNK_ROW_BYTES + index] = 0;
      onChecked(partBytes);
    };
    jobs.push(job());
    if (jobs.length >= workers.width) await Promise.all(jobs.splice(0));
  }
  await Promise.all(jobs);
  const good = rowsThat(rows, (index) => isGood[index] === 1);
  const real = withoutForged(records, good);
  const kept = real.length === records.length ? good : rowsOf(real, good);
  let end = start;
  let isWhole = true;
  for (const record of real) {
    isWhole &&= record.regionStart === end;
    end = record.end;
  }
  return { name, lengthBytes: end, rows: kept, isWhole, isReadable };
}

/** Leaves out the records that lie within a chunk: these are a file's bytes, made to look like one. Both are sorted. */
function withoutForged(records: readonly FoundRecord[], rows: Buffer): FoundRecord[] {
  let at = 0;
  let end = 0;
  return records.filter((record) => {
    for (; at < rows.length && offsetAt(rows, at) <= record.offset; at += CHUNK_ROW_BYTES)
      end = Math.max(end, offsetAt(rows, at) + lengthAt(rows, at));
    return end <= record.offset;
  });
}

/** Returns the rows of some records that are good: what a forged one listed lies among a real one's chunks. */
function rowsOf(records: readonly FoundRecord[], good: Buffer): Buffer {
  const keyAt = (rows: Buffer, at: number) => rows.toString("latin1", at, at + CHUNK_ROW_BYTES);
  const keys = new Set<string>();
  for (let at = 0; at < good.length; at += CHUNK_ROW_BYTES) keys.add(keyAt(good, at));
  const rows = sortRows(Buffer.concat(records.map((record) => record.rows)));
  return rowsThat(rows, (index) => keys.has(keyAt(rows, index * CHUNK_ROW_BYTES)));
}

function rowsThat(rows: Buffer, isWanted: (index: number) => boolean): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0, index = 0; at < rows.length; at += CHUNK_ROW_BYTES, index++)
    if (isWanted(index)) kept.push(rows.subarray(at, at + CHUNK_ROW_BYTES));
  return kept.length * CHUNK_ROW_BYTES === rows.length ? rows : Buffer.concat(kept);
}
