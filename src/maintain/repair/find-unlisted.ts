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
}

/** Where to look. */
export interface UnlistedPart {
  readonly name: string;
  /** What the catalog says was committed. */
  readonly fromBytes: PackState["lengthBytes"];
}

/** Checked at once by a thread. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Looks through a pack behind what was committed.
 *
 * @returns `undefined` where no index record is there
 */
export async function findUnlisted(
  workers: CheckWorkers,
  { name, fromBytes }: UnlistedPart,
  onChecked: (bytes: number) => void,
): Promise<UnlistedChunks | undefined> {
  const start = Math.max(fromBytes, PACK_HEADER_BYTES);
  const found = await workers.run({ type: "records", name, fromBytes: start }, 0);
  const records = found.filter(({ regionStart }) => regionStart >= start);
  if (records.length === 0) return undefined;
  const rows = sortRows(Buffer.concat(records.map((record) => record.rows)));
  const isGood = new Uint8Array(rows.length / CHUNK_ROW_BYTES).fill(1);
  const jobs: Promise<void>[] = [];
  for (let at = 0; at < rows.length; ) {
    const first = at;
    let bytes = 0;
    for (; at < rows.length && bytes < PART_BYTES; at += CHUNK_ROW_BYTES)
      bytes += lengthAt(rows, at);
    const part = new Uint8Array(rows.subarray(first, at));
    const job = async (): Promise<void> => {
      const bad = await workers.run({ type: "chunks", name, rows: part, deep: true }, bytes);
      for (const { index } of bad) isGood[first / CHUNK_ROW_BYTES + index] = 0;
      onChecked(bytes);
    };
    jobs.push(job());
    if (jobs.length >= workers.width) await Promise.all(jobs.splice(0));
  }
  await Promise.all(jobs);
  const good = rowsThat(rows, (index) => isGood[index] === 1);
  const real = withoutForged(records, good);
  const kept = rowsThat(good, (index) => isIn(real, offsetAt(good, index * CHUNK_ROW_BYTES)));
  let end = start;
  let isWhole = true;
  for (const record of real) {
    isWhole &&= record.regionStart === end;
    end = record.end;
  }
  return { name, lengthBytes: end, rows: kept, isWhole };
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

/** Whether a place lies in the region of one of some records. */
function isIn(records: readonly FoundRecord[], offset: number): boolean {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  const record = records[low];
  return record !== undefined && offset >= record.regionStart;
}

function rowsThat(rows: Buffer, isWanted: (index: number) => boolean): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0, index = 0; at < rows.length; at += CHUNK_ROW_BYTES, index++)
    if (isWanted(index)) kept.push(rows.subarray(at, at + CHUNK_ROW_BYTES));
  return kept.length * CHUNK_ROW_BYTES === rows.length ? rows : Buffer.concat(kept);
}
