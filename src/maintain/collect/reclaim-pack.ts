/**
 * Reclaim pack: gives the space of a pack's dead chunks back to the disk. Its blocks are freed in place; where too much of it
 * lies in blocks that it shares with what counts, that is copied into another pack, and the file goes.
 */
import { PackInUse } from "../../catalog/addition.js";
import type { CollectablePack } from "../../catalog/collection-table.js";
import type { DiskFile } from "../../disk/disk.js";
import { CoppiceError } from "../../model/error.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { openPack } from "../../pack/open-pack.js";
import type { Engine } from "../../snapshot/engine.js";
import { lengthAt } from "../check/sort-rows.js";
import { type DeadRange, deadRanges } from "./dead-ranges.js";
import { movePack } from "./move-pack.js";

/** What file systems allot, mostly. */
const BLOCK_BYTES = 4096;
/**
 * To free one block takes as long as to free hundreds, where the disk is told of each: 0.3 to 3 ms. So ranges of so few are left, while
 * together they take less than a share of the pack: what lies beside them may die too.
 */
const SMALL_BYTES_MAX = 2 * BLOCK_BYTES;
const SMALL_SHARE_MAX = 1 / 64;
/** A pack is copied where this share of what it takes is dead, and it is worth opening another one. */
const COPIED_SHARE_MIN = 0.4;
const COPIED_BYTES_MIN = 256 * 1024;

/** What was done with a pack. */
export interface ReclaimedPack {
  readonly outcome: "left" | "punched" | "copied";
  /** By how much less packs take on the disk; negative where it was copied, until its file is gone. */
  readonly freedBytes: number;
  /** Why not more was done, for people. */
  readonly remark?: string;
}

/**
 * Reclaims the dead space of a pack in which something counts.
 *
 * @param used the rows of what counts of it, by offsets
 * @param erases whether all dead bytes are to be gone afterwards, not only whole blocks
 * @throws {CoppiceError} IO
 */
export function reclaimPack(
  engine: Engine,
  pack: CollectablePack,
  used: Buffer,
  erases: boolean,
): ReclaimedPack {
  const { disk, catalog } = engine;
  let freedBytes = 0;
  try {
    const file = openPack(disk, { storeId: catalog.storeId, name: pack.name }, "write");
    let left: number;
    let holes: number;
    try {
      const before = file.allocatedBytes();
      holes = punch(file, pack.lengthBytes, deadRanges(file, pack, used), erases);
      left = file.allocatedBytes();
      freedBytes = before - left;
    } finally {
      file.close();
    }
    catalog.retention.noteFreed(pack.id, holes);
    const waste = left - bytesOf(used);
    if (waste < COPIED_BYTES_MIN || waste < left * COPIED_SHARE_MIN)
      return { outcome: freedBytes > 0 ? "punched" : "left", freedBytes };
    if (!catalog.collection.own(pack)) return { outcome: "punched", freedBytes };
    const grown = movePack(engine, pack, used);
    return { outcome: "copied", freedBytes: freedBytes - grown };
  } catch (error) {
    if (error instanceof PackInUse) {
      const remark = `pack ${pack.name} is in use, and keeps some dead bytes`;
      return { outcome: "punched", freedBytes, remark };
    }
    if (!(error instanceof CoppiceError)) throw error;
    if (error.code !== "CORRUPT" && error.code !== "DISK_FULL") throw error;
    return { outcome: "left", freedBytes, remark: error.message };
  }
}

/** Returns what chunks take, with their rows in index records. */
function bytesOf(rows: Buffer): number {
  let bytes = rows.length;
  for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) bytes += lengthAt(rows, at);
  return bytes;
}

/** Returns how many bytes of whole blocks were given back, now and before. */
function punch(
  file: DiskFile,
  lengthBytes: number,
  ranges: readonly DeadRange[],
  erases: boolean,
): number {
  let punches = true;
  let bytes = 0;
  const left = erases ? NONE : notWorthIt(ranges, lengthBytes * SMALL_SHARE_MAX);
  for (const range of ranges) {
    const { start, end, hasRecord } = range;
    const isZeroed = hasRecord || erases;
    const isWhole = wholeBytes(range) > 0 && !left.has(range);
    if (punches && isZeroed) punches = file.punch(start, end - start);
    // Whole blocks alone: in the others bytes would be zeroed, and the next call would wait until these are written.
    else if (punches && isWhole) punches = file.punch(firstBlock(range), wholeBytes(range));
    if (punches && isWhole) bytes += wholeBytes(range);
    if (!punches && isZeroed) writeZeros(file, start, end);
  }
  if (erases) file.sync();
  return bytes;
}

/** Returns where the first block starts that lies in a range as a whole. */
function firstBlock({ start }: DeadRange): number {
  return Math.ceil(start / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Returns how many bytes of whole blocks lie in a range. */
function wholeBytes(range: DeadRange): number {
  return Math.max(0, Math.floor(range.end / BLOCK_BYTES) * BLOCK_BYTES - firstBlock(range));
}

const NONE: ReadonlySet<DeadRange> = new Set();

/** Returns the smallest ranges, so many as together have less than so many bytes. */
function notWorthIt(ranges: readonly DeadRange[], bytesMax: number): ReadonlySet<DeadRange> {
  const left = new Set<DeadRange>();
  const small = ranges.filter(
    (range) => !range.hasRecord && wholeBytes(range) > 0 && wholeBytes(range) <= SMALL_BYTES_MAX,
  );
  let bytes = 0;
  for (const range of small.sort((a, b) => wholeBytes(a) - wholeBytes(b))) {
    bytes += wholeBytes(range);
    if (bytes >= bytesMax) break;
    left.add(range);
  }
  return left;
}

function writeZeros(file: DiskFile, start: number, end: number): void {
  const zeros = Buffer.alloc(Math.min(1024 * 1024, end - start));
  for (let at = start; at < end; at += zeros.length)
    file.write(zeros.subarray(0, Math.min(zeros.length, end - at)), at);
}
