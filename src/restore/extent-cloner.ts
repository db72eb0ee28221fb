/**
 * Extent cloner: has files share blocks with the packs instead of copying bytes, where the file system can
 * (FICLONERANGE, ioctl_ficlonerange(2)).
 *
 * A file's chunks that follow one another lie in phase in the pack: at the same place within a block as in the
 * file. The whole blocks of such a run are shared; what is before and after them is copied.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { packPath } from "../pack/pack-codec.js";
import type { SystemCalls } from "../system/system-calls.js";
import type { StoredExtent } from "./extent-table.js";

/** What is shared lies on multiples of this, as packs are laid out. */
export const CLONE_BLOCK_BYTES = 4096;
/** To share less costs more than to copy it. */
export const CLONE_BYTES_MIN = 16 * 1024;

/** Bytes of a file, from `start` up to `end`. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

export class ExtentCloner {
  readonly #calls: SystemCalls;
  readonly #storeDirectory: string;
  readonly #packName: (id: number) => string;
  readonly #packs = new Map<number, number>();

  constructor(calls: SystemCalls, storeDirectory: string, packName: (id: number) => string) {
    this.#calls = calls;
    this.#storeDirectory = storeDirectory;
    this.#packName = packName;
  }

  /**
   * Shares what can be shared of a file.
   *
   * @param descriptor of the file, open to write, empty
   * @param extents in the order of the file
   * @returns what was shared, in the same order
   * @throws {NodeJS.ErrnoException}
   */
  clone(descriptor: number, extents: readonly StoredExtent[]): FileRange[] {
    const cloned: FileRange[] = [];
    for (const { pack, shift, start, end } of runs(extents)) {
      const from = Math.ceil(start / CLONE_BLOCK_BYTES) * CLONE_BLOCK_BYTES;
      const to = Math.floor(end / CLONE_BLOCK_BYTES) * CLONE_BLOCK_BYTES;
      if (shift % CLONE_BLOCK_BYTES !== 0 || to - from < CLONE_BYTES_MIN) continue;
      this.#calls.cloneRange(this.#open(pack), from + shift, to - from, descriptor, from);
      cloned.push({ start: from, end: to });
    }
    return cloned;
  }

  close(): void {
    for (const descriptor of this.#packs.values()) closeSync(descriptor);
    this.#packs.clear();
  }

  #open(pack: number): number {
    let descriptor = this.#packs.get(pack);
    if (descriptor === undefined) {
      descriptor = openSync(join(this.#storeDirectory, packPath(this.#packName(pack))), "r");
      this.#packs.set(pack, descriptor);
    }
    return descriptor;
  }
}

/** Chunks of a file that follow one another in a pack as well. */
interface Run extends FileRange {
  readonly pack: number;
  /** From an offset in the file to the one in the pack. */
  readonly shift: number;
}

function* runs(extents: readonly StoredExtent[]): Generator<Run> {
  let run: Run | undefined;
  for (const { fileOffset, location } of extents) {
    const shift = location.offset - fileOffset;
    const end = fileOffset + location.lengthBytes;
    if (run?.pack === location.pack && run.shift === shift && run.end === fileOffset) {
      run = { ...run, end };
      continue;
    }
    if (run !== undefined) yield run;
    run = { pack: location.pack, shift, start: fileOffset, end };
  }
  if (run !== undefined) yield run;
}

/**
 * Yields what of some bytes lies outside some ranges.
 *
 * @param ranges in order, none touching another
 */
export function* outside(bytes: FileRange, ranges: readonly FileRange[]): Generator<FileRange> {
  let { start } = bytes;
  for (const range of ranges) {
    if (range.end <= start || range.start >= bytes.end) continue;
    if (range.start > start) yield { start, end: range.start };
    start = range.end;
  }
  if (start < bytes.end) yield { start, end: bytes.end };
}
