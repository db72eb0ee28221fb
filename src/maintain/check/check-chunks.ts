/**
 * Check chunks: whether a pack's chunks are what their rows say. Read in large pieces in the order in which they lie, and hashed
 * where they were read to.
 */
import { hash } from "node:crypto";
import type { DiskFile } from "../../disk/disk.js";
import { xxh64 } from "../../hash/xxh64.js";
import { DIGEST_BYTES } from "../../model/digest.js";
import { CHUNK_BYTES_MAX } from "../../model/limits.js";
import { isUnreadable } from "../../model/system-failure.js";
import { CHUNK_ROW_BYTES } from "../../pack/chunk-table.js";
import { lengthAt, offsetAt } from "./sort-rows.js";

/** What is wrong with a chunk's bytes. */
export type ChunkProblem =
  /** They fail their checksum: some of them are others. */
  | "checksum"
  /** They agree with their checksum and are not what the digest stands for. */
  | "digest"
  /** The pack ends before them. */
  | "short"
  /** They, or the pack, cannot be read. */
  | "unreadable"
  /** The catalog gives them a place that no chunk can have. */
  | "place";

/** A chunk that is not as it should be: the number of its row, and why. */
export interface BadChunk {
  readonly index: number;
  readonly problem: ChunkProblem;
}

/** Read at once, so much that it is still in the processor's own cache when it is hashed; a chunk that is longer is read alone. */
const WINDOW_BYTES = 512 * 1024;
/** More than this between two chunks is not worth reading. */
const GAP_BYTES_MAX = 256 * 1024;

/** Checks chunks; keeps its memory from call to call. */
export class ChunkChecker {
  #window = Buffer.alloc(0);

  /**
   * Returns the chunks that are not as they should be.
   *
   * @param file `undefined` where it cannot be opened
   * @param rows sorted by offset
   * @param deep whether to compute SHA-256 as well
   */
  check(file: DiskFile | undefined, rows: Buffer, deep: boolean): BadChunk[] {
    const bad: BadChunk[] = [];
    const count = rows.length / CHUNK_ROW_BYTES;
    for (let index = 0; index < count; ) {
      const next = file === undefined ? index + 1 : endOfRun(rows, index);
      if (file === undefined) bad.push({ index, problem: "unreadable" });
      else this.#checkRun(file, rows, index, next, deep, bad);
      index = next;
    }
    return bad;
  }

  #checkRun(
    file: DiskFile,
    rows: Buffer,
    first: number,
    next: number,
    deep: boolean,
    bad: BadChunk[],
  ): void {
    const start = offsetAt(rows, first * CHUNK_ROW_BYTES);
    if (!isPlace(rows, first * CHUNK_ROW_BYTES)) {
      bad.push({ index: first, problem: "place" });
      return;
    }
    let length = 0;
    for (let index = first; index < next; index++) {
      const at = index * CHUNK_ROW_BYTES;
      length = Math.max(length, offsetAt(rows, at) - start + lengthAt(rows, at));
    }
    if (this.#window.length < length)
      this.#window = Buffer.allocUnsafeSlow(Math.max(WINDOW_BYTES, length));
    const bytes = readUpTo(file, this.#window.subarray(0, length), start);
    if (bytes === undefined && next > first + 1) {
      // One bad sector must not take its neighbours with it.
      for (let index = first; index < next; index++)
        this.#checkRun(file, rows, index, index + 1, deep, bad);
      return;
    }
    for (let index = first; index < next; index++) {
      const problem =
        bytes === undefined
          ? "unreadable"
          : problemOf(bytes, start, rows, index * CHUNK_ROW_BYTES, deep);
      if (problem !== undefined) bad.push({ index, problem });
    }
  }
}

/** Returns the number of the row behind those that are read at once with a first one. */
function endOfRun(rows: Buffer, first: number): number {
  const start = offsetAt(rows, first * CHUNK_ROW_BYTES);
  if (!isPlace(rows, first * CHUNK_ROW_BYTES)) return first + 1;
  let end = start + lengthAt(rows, first * CHUNK_ROW_BYTES);
  let index = first + 1;
  for (; index * CHUNK_ROW_BYTES < rows.length; index++) {
    const at = index * CHUNK_ROW_BYTES;
    const offset = offsetAt(rows, at);
    const chunkEnd = offset + lengthAt(rows, at);
    if (!isPlace(rows, at) || offset - end > GAP_BYTES_MAX || chunkEnd - start > WINDOW_BYTES)
      break;
    end = Math.max(end, chunkEnd);
  }
  return index;
}

function isPlace(rows: Buffer, at: number): boolean {
  const length = lengthAt(rows, at);
  return length > 0 && length <= CHUNK_BYTES_MAX && Number.isSafeInteger(offsetAt(rows, at));
}

/** Returns the bytes that are there, `undefined` where they cannot be read (EIO). */
function readUpTo(file: DiskFile, into: Buffer, position: number): Buffer | undefined {
  try {
    return into.subarray(0, file.read(into, position));
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}

function problemOf(
  bytes: Buffer,
  start: number,
  rows: Buffer,
  at: number,
  deep: boolean,
): ChunkProblem | undefined {
  const from = offsetAt(rows, at) - start;
  const to = from + lengthAt(rows, at);
  if (to > bytes.length) return "short";
  const chunk = bytes.subarray(from, to);
  if (xxh64(chunk) !== rows.readBigUInt64LE(at + 48)) return "checksum";
  // By way of a string, as in hash/sha256.ts.
  if (deep && hash("sha256", chunk, "binary") !== rows.toString("latin1", at, at + DIGEST_BYTES))
    return "digest";
  return undefined;
}
