/**
 * Plan chunks: which blocks of a file are mapped where they lie in the packs, which are holes, and which are
 * copied into the image.
 *
 * EROFS cuts a file into chunks of one size, a power of two of blocks, and gives each an address. A block can be
 * mapped where all of its bytes lie in one pack, one after the other and in phase. The last block of a file is mapped only
 * where the file ends with it: the kernel shows what lies behind the end of a file to who maps it into memory
 * (mmap(2)), and in a pack that is another file.
 */
import type { ChunkNumbers } from "./chunk-numbers.js";
import type { FileExtents } from "./file-extents.js";
import { HOLE_ROW } from "./file-extents.js";
import { BLOCK_BYTES, blockCount, NO_BLOCK } from "./layout.js";

/** Blocks of a file that lie together: in a pack, or nowhere. */
interface BlockRun {
  /** Blocks of the file. */
  readonly start: number;
  readonly end: number;
  /** `undefined` for a hole. */
  readonly pack: number | undefined;
  /** What to add to a block of the file for the block in the pack. */
  readonly shift: number;
}

/** The chunks of a file, as EROFS has them. */
export interface ChunkMap {
  /** A chunk has 2^this blocks. */
  readonly chunkBits: number;
  /** For each chunk: 0 for the image, else a device's number from 1. */
  readonly devices: Uint16Array;
  /** For each chunk: its first block in the device; in the image, counted from the start of the data; NO_BLOCK for a hole. */
  readonly blocks: Uint32Array;
}

/** Where the bytes that are copied go. */
export interface DataArea {
  /** Returns the first of some new blocks of the image. */
  allocate(blocks: number): number;
  /** Has bytes of a chunk copied to a byte of the area. Called in rising order of targets. */
  copy(target: number, row: number, skipBytes: number, lengthBytes: number): void;
}

/** `chunk format`, bits 0 to 4. */
const CHUNK_BITS_MAX = 31;
const CHUNK_INDEX_BYTES = 8;

/**
 * Returns where a file's bytes are to be: its chunks, or one row of blocks in the image.
 *
 * @param deviceOf the number of a pack's device; `undefined` where no pack is to be mapped
 */
export function planChunks(
  extents: FileExtents,
  sizeBytes: number,
  index: ChunkNumbers,
  area: DataArea,
  deviceOf: ((pack: number) => number) | undefined,
): { readonly map: ChunkMap } | { readonly block: number } {
  const runs = blockRuns(extents, sizeBytes, index, deviceOf !== undefined);
  const blocks = blockCount(sizeBytes);
  if (runs.length === 0) {
    const block = area.allocate(blocks);
    new Copier(extents, area).copy(0, sizeBytes, block);
    return { block };
  }
  const chunkBits = cheapestChunkBits(runs, blocks);
  const chunkBlocks = 2 ** chunkBits;
  const count = Math.ceil(blocks / chunkBlocks);
  const map: ChunkMap = {
    chunkBits,
    devices: new Uint16Array(count),
    blocks: new Uint32Array(count),
  };
  const copier = new Copier(extents, area);
  let at = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    const start = chunk * chunkBlocks;
    const end = Math.min(start + chunkBlocks, blocks);
    while (at < runs.length && (runs[at] as BlockRun).end <= start) at++;
    const run = runs[at];
    if (run === undefined || run.start > start || run.end < end) {
      map.blocks[chunk] = area.allocate(end - start);
      copier.copy(start * BLOCK_BYTES, Math.min(end * BLOCK_BYTES, sizeBytes), map.blocks[chunk]!);
    } else if (run.pack === undefined) map.blocks[chunk] = NO_BLOCK;
    else {
      map.devices[chunk] = deviceOf?.(run.pack) as number;
      map.blocks[chunk] = start + run.shift;
    }
  }
  return { map };
}

/** Returns the runs that can be mapped or are holes, each of one block at least. */
function blockRuns(
  extents: FileExtents,
  sizeBytes: number,
  index: ChunkNumbers,
  mapsPacks: boolean,
): BlockRun[] {
  const runs: BlockRun[] = [];
  for (let first = 0; first < extents.count; ) {
    const row = extents.row(first);
    const offset = extents.offset(first);
    const pack = row === HOLE_ROW ? undefined : index.pack(row);
    const shift = row === HOLE_ROW ? 0 : index.offset(row) - offset;
    let next = first + 1;
    if (pack !== undefined) while (continues(extents, next, pack, shift, index)) next++;
    const endBytes = extents.offset(next);
    const isHoleToEnd = row === HOLE_ROW && endBytes === sizeBytes;
    const start = Math.ceil(offset / BLOCK_BYTES);
    const end = isHoleToEnd ? blockCount(endBytes) : Math.floor(endBytes / BLOCK_BYTES);
    const isUsable = row === HOLE_ROW || (mapsPacks && shift % BLOCK_BYTES === 0);
    if (isUsable && end > start) runs.push({ start, end, pack, shift: shift / BLOCK_BYTES });
    first = next;
  }
  return runs;
}

function continues(
  extents: FileExtents,
  at: number,
  pack: number,
  shift: number,
  index: ChunkNumbers,
): boolean {
  if (at >= extents.count) return false;
  const row = extents.row(at);
  return (
    row !== HOLE_ROW && index.pack(row) === pack && index.offset(row) - extents.offset(at) === shift
  );
}

/**
 * Returns the chunk size that takes the least space: large chunks need few addresses, but one that no run
 * holds whole is copied whole.
 */
function cheapestChunkBits(runs: readonly BlockRun[], blocks: number): number {
  let best = 0;
  let bestBytes = Number.POSITIVE_INFINITY;
  for (let bits = 0; bits <= CHUNK_BITS_MAX; bits++) {
    const size = 2 ** bits;
    let copied = blocks;
    for (const { start, end } of runs) {
      const from = Math.ceil(start / size) * size;
      // The last chunk is as long as what is left of the file.
      const to = end === blocks ? end : Math.floor(end / size) * size;
      if (to > from) copied -= to - from;
    }
    const bytes = copied * BLOCK_BYTES + Math.ceil(blocks / size) * CHUNK_INDEX_BYTES;
    if (bytes <= bestBytes) {
      best = bits;
      bestBytes = bytes;
    }
    if (size >= blocks) break;
  }
  return best;
}

/** Has ranges of a file copied, which come in rising order. */
class Copier {
  readonly #extents: FileExtents;
  readonly #area: DataArea;
  #at = 0;

  constructor(extents: FileExtents, area: DataArea) {
    this.#extents = extents;
    this.#area = area;
  }

  copy(start: number, end: number, block: number): void {
    const base = block * BLOCK_BYTES - start;
    for (; this.#at < this.#extents.count; this.#at++) {
      const offset = this.#extents.offset(this.#at);
      const extentEnd = this.#extents.offset(this.#at + 1);
      const row = this.#extents.row(this.#at);
      const from = Math.max(start, offset);
      const to = Math.min(end, extentEnd);
      if (to > from && row !== HOLE_ROW)
        this.#area.copy(base + from, row, from - offset, to - from);
      if (extentEnd >= end) return;
    }
  }
}
