/**
 * Dead ranges: the parts of a pack in which a dead chunk lies, and nothing that counts.
 */

import type { CollectablePack } from "../../catalog/collection-table.js";
import type { DiskFile } from "../../disk/disk.js";
import { CHUNK_KINDS } from "../../pack/chunk-location.js";
import { chunkRows } from "../../pack/chunk-table.js";
import { indexRecords } from "../../pack/index-record.js";
import type { UsedChunk } from "./used-chunks.js";

/** A part of a pack. */
export interface DeadRange {
  readonly start: number;
  readonly end: number;
  /** Whether a snapshot's record lies in it: who makes the catalog again from the packs would take it for one that is there. */
  readonly hasRecord: boolean;
}

/**
 * Returns the dead ranges of a pack below its committed length, in no order. Reads its index records.
 *
 * @param used what counts of it, by offsets; what was appended since the length was read may be among it
 * @throws {CoppiceError} CORRUPT
 */
export function deadRanges(
  file: DiskFile,
  { id, name, lengthBytes }: Pick<CollectablePack, "id" | "name" | "lengthBytes">,
  used: readonly UsedChunk[],
): DeadRange[] {
  const usedAt = new Set(used.map(({ offset }) => offset));
  const ranges: DeadRange[] = [];
  for (const record of indexRecords(file, name, lengthBytes)) {
    const chunks = [...chunkRows(record.rows, id)].sort((a, b) => a.offset - b.offset);
    let end = record.regionStart;
    let range: { start: number; hasRecord: boolean } | undefined;
    for (const { offset, lengthBytes, kind } of chunks) {
      if (usedAt.has(offset)) {
        if (range !== undefined) ranges.push({ ...range, end: offset });
        range = undefined;
        end = offset + lengthBytes;
      } else {
        range ??= { start: end, hasRecord: false };
        range.hasRecord ||= kind === CHUNK_KINDS.record;
      }
    }
    if (range !== undefined) ranges.push({ ...range, end: record.offset });
  }
  return ranges;
}
