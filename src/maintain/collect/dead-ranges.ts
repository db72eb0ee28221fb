/**
 * Dead ranges: the parts of a pack in which a dead chunk lies, and nothing that counts.
 */

import type { CollectablePack } from "../../catalog/collection-table.js";
import type { DiskFile } from "../../disk/disk.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { indexRecords } from "../../pack/index-record.js";
import { lengthAt, offsetAt, sortRows } from "../check/sort-rows.js";

/** A part of a pack. */
export interface DeadRange {
  readonly start: number;
  readonly end: number;
  /** Whether a snapshot's record lies in it: who makes the catalog again from the packs would take it for one that is there. */
  readonly hasRecord: boolean;
}

/** Where a row says what kind of chunk it is. */
const KIND_AT = DIGEST_BYTES + 12;

/**
 * Returns the dead ranges of a pack below its committed length, in no order. Reads its index records.
 *
 * @param used the rows of what counts of it, by offsets; what was appended since the length was read may be among them
 * @throws {CoppiceError} CORRUPT
 */
export function deadRanges(
  file: DiskFile,
  { name, lengthBytes }: Pick<CollectablePack, "name" | "lengthBytes">,
  used: Buffer,
): DeadRange[] {
  const ranges: DeadRange[] = [];
  for (const record of indexRecords(file, name, lengthBytes)) {
    const rows = sortRows(record.rows);
    let usedAt = firstFrom(used, record.regionStart);
    let end = record.regionStart;
    let range: { start: number; hasRecord: boolean } | undefined;
    for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
      const offset = offsetAt(rows, at);
      while (usedAt < used.length && offsetAt(used, usedAt) < offset) usedAt += CHUNK_ROW_BYTES;
      if (usedAt < used.length && offsetAt(used, usedAt) === offset) {
        if (range !== undefined) ranges.push({ ...range, end: offset });
        range = undefined;
        end = offset + lengthAt(rows, at);
      } else {
        range ??= { start: end, hasRecord: false };
        range.hasRecord ||= rows[at + KIND_AT] === CHUNK_KINDS.record;
      }
    }
    if (range !== undefined) ranges.push({ ...range, end: record.offset });
  }
  return ranges;
}

/** Returns where the first row starts of a chunk that lies at an offset or behind it. */
function firstFrom(rows: Buffer, offset: number): number {
  let low = 0;
  let high = rows.length / CHUNK_ROW_BYTES;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(rows, middle * CHUNK_ROW_BYTES) < offset) low = middle + 1;
    else high = middle;
  }
  return low * CHUNK_ROW_BYTES;
}
