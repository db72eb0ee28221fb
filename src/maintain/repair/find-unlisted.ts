/**
 * Find unlisted: chunks that packs hold and the catalog does not list, told by their index records. A chunk counts if its digest fits.
 */
import type { PackState } from "../../catalog/loss-table.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { PACK_HEADER_BYTES } from "../../pack/pack-codec.js";
import type { SomeAtOnce } from "../../threads/some-at-once.js";
import type { FoundRecord, FoundRecords } from "../check/check-job.js";
import { partsOf } from "../check/check-packs.js";
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
  /** How long the file is. */
  readonly toBytes: number;
}

/** What the index records of a pack tell, whether or not it is so. */
export interface ToldChunks {
  readonly part: UnlistedPart;
  readonly records: readonly FoundRecord[];
  /** The chunks, by offsets. */
  readonly rows: Buffer;
  readonly isReadable: boolean;
}

/** Searched at once by a thread. */
const SEARCH_BYTES = 64 * 1024 * 1024;

/** Looks for the index records of a pack behind what was committed. */
export async function findTold(workers: CheckWorkers, part: UnlistedPart): Promise<ToldChunks> {
  const { name, toBytes } = part;
  const { records, isReadable } = await findRecords(workers, name, startOf(part), toBytes);
  const rows = sortRows(Buffer.concat(records.map((record) => record.rows)));
  return { part, records, rows, isReadable };
}

/**
 * Starts to look at the chunks that were told of; returns once the last job has begun.
 *
 * @param onBad called with the numbers of the rows whose chunks are not what they should be
 */
export async function checkTold(
  workers: CheckWorkers,
  { part: { name }, rows }: ToldChunks,
  jobs: SomeAtOnce,
  { onChecked, onBad }: { onChecked: (bytes: number) => void; onBad: (index: number) => void },
): Promise<void> {
  let first = 0;
  for (const part of partsOf(rows)) {
    const before = first;
    first += part.rows.length / CHUNK_ROW_BYTES;
    await jobs.start(workers.width, async () => {
      const job = { type: "chunks", name, rows: new Uint8Array(part.rows), deep: true } as const;
      for (const { index } of await workers.run(job)) onBad(before + index);
      onChecked(part.bytes);
    });
  }
}

/**
 * Returns what counts of the chunks that were told of.
 *
 * @param bad the numbers of the rows whose chunks are not what they should be
 * @returns with no rows, and the length that was committed, where no index record is there
 */
export function unlistedOf(
  { part, records, rows, isReadable }: ToldChunks,
  bad: ReadonlySet<number>,
): UnlistedChunks {
  const { name, fromBytes } = part;
  if (records.length === 0)
    return { name, lengthBytes: fromBytes, rows: Buffer.alloc(0), isWhole: true, isReadable };
  const good = bad.size === 0 ? rows : rowsThat(rows, (index) => !bad.has(index));
  const real = withoutForged(records, good);
  const kept = real.length === records.length ? good : rowsOf(real, good);
  let end = startOf(part);
  let isWhole = true;
  for (const record of real) {
    isWhole &&= record.regionStart === end;
    end = record.end;
  }
  return { name, lengthBytes: end, rows: kept, isWhole, isReadable };
}

function startOf({ fromBytes }: UnlistedPart): number {
  return Math.max(fromBytes, PACK_HEADER_BYTES);
}

/** Returns the index records of regions behind a place, in their order: none begins within another one. */
export async function findRecords(
  workers: CheckWorkers,
  name: string,
  start: number,
  toBytes: number,
): Promise<FoundRecords> {
  const searches: Promise<FoundRecords>[] = [];
  for (let from = start; from < toBytes; from += SEARCH_BYTES) {
    const to = Math.min(toBytes, from + SEARCH_BYTES);
    searches.push(workers.run({ type: "records", name, fromBytes: from, toBytes: to }));
  }
  const found = await Promise.all(searches);
  let end = start;
  const records = found
    .flatMap((each) => each.records)
    .filter((record) => {
      if (record.offset < end) return false;
      end = record.end;
      return record.regionStart >= start;
    });
  return { records, isReadable: found.every((each) => each.isReadable) };
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
