/**
 * Status reader: the statuses of a directory's names, the quick way where the machine has it.
 */
import { fstatSync, lstatSync } from "node:fs";
import { StatusBatch } from "../system/file-status.js";
import type { SystemCalls } from "../system/system-calls.js";
import { systemCalls } from "../system/system-calls.js";
import { systemError } from "../system/system-error.js";
import type { SystemPath } from "../system/system-path.js";
import type { DirectoryBlock } from "./directory-block.js";
import { FileStatus } from "./file-status.js";
import type { SourceDirectory } from "./source-directory.js";
import { pathBytes } from "./source-directory.js";
import { LANES, lanesMatchStatx } from "./stat-lanes.js";

/** Names looked at in one go. */
const BATCH_NAMES = 512;
/** Room for as many names of 255 bytes. */
const BATCH_BYTES = BATCH_NAMES * 256;
const ENOENT = 2;

/** One for the thread: nothing of it is used beyond a call. It takes 256 KiB. */
let sharedBatch: StatusBatch | undefined;

export class StatusReader {
  readonly #calls: SystemCalls | undefined;
  readonly #batch: StatusBatch | undefined;

  constructor() {
    const calls = systemCalls();
    if ("unavailable" in calls) return;
    this.#calls = calls;
    this.#batch = sharedBatch ??= new StatusBatch(BATCH_NAMES, BATCH_BYTES);
  }

  /** Returns the status of an open file. */
  ofDescriptor(descriptor: number): FileStatus {
    if (this.#calls === undefined || this.#batch === undefined) {
      return FileStatus.fromStat(fstatSync(descriptor, { bigint: true }));
    }
    this.#calls.readStatusFd(descriptor, this.#batch);
    return FileStatus.fromStatx(this.#batch.words, 0);
  }

  /**
   * Returns whether every entry of a block is still what it was. False as well where that cannot be told
   * quickly: the names are then to be looked at one by one.
   */
  isUnchanged(directory: SourceDirectory, block: DirectoryBlock): boolean {
    const batch = this.#batch;
    if (this.#calls === undefined || batch === undefined) return false;
    const { names, lanes } = block;
    for (let entry = 0, start = 0; entry < block.entryCount; ) {
      const { count, end } = fill(batch, names, start);
      this.#calls.readStatuses(directory.descriptor, batch, count);
      for (let slot = 0; slot < count; slot++, entry++) {
        if (
          batch.errnos[slot] !== 0 ||
          !lanesMatchStatx(lanes, block.lanesOf(entry), batch.words, slot)
        )
          return false;
      }
      start = end;
    }
    return true;
  }

  /**
   * Returns which of some paths are not what they were, or cannot be told to be, by their positions.
   *
   * @param directory descriptor of the one that they start at
   * @param paths each ended by NUL
   * @param count how many
   * @param lanes theirs, one after the other
   */
  changed(directory: number, paths: Buffer, count: number, lanes: Uint32Array): number[] {
    const batch = this.#batch;
    const found: number[] = [];
    for (let position = 0, start = 0; position < count; ) {
      if (this.#calls === undefined || batch === undefined) {
        found.push(position++);
        continue;
      }
      const filled = fill(batch, paths, start);
      this.#calls.readStatuses(directory, batch, filled.count);
      for (let slot = 0; slot < filled.count; slot++, position++) {
        if (
          batch.errnos[slot] !== 0 ||
          !lanesMatchStatx(lanes, position * LANES, batch.words, slot)
        )
          found.push(position);
      }
      start = filled.end;
    }
    return found;
  }

  /**
   * Returns the status of each name, `undefined` for one that is gone, an error for one that cannot be
   * looked at.
   */
  statuses(
    directory: SourceDirectory,
    names: readonly SystemPath[],
  ): (FileStatus | Error | undefined)[] {
    const batch = this.#batch;
    if (this.#calls === undefined || batch === undefined)
      return names.map((name) => statusOf(directory.child(name)));
    const found: (FileStatus | Error | undefined)[] = [];
    while (found.length < names.length) {
      let count = 0;
      for (let end = 0; count < BATCH_NAMES && found.length + count < names.length; count++) {
        const bytes = pathBytes(names[found.length + count] as SystemPath);
        if (end + bytes.length + 1 > BATCH_BYTES) break;
        batch.names.set(bytes, end);
        end += bytes.length;
        batch.names[end++] = 0;
      }
      this.#calls.readStatuses(directory.descriptor, batch, count);
      for (let slot = 0; slot < count; slot++) {
        const errno = batch.errnos[slot] as number;
        if (errno === 0) found.push(FileStatus.fromStatx(batch.words, slot));
        else found.push(errno === ENOENT ? undefined : systemError(errno, "statx"));
      }
    }
    return found;
  }
}

/** Copies names, each ended by NUL, into a batch: as many as it holds. */
function fill(batch: StatusBatch, names: Buffer, start: number): { count: number; end: number } {
  let count = 0;
  let end = start;
  while (count < batch.capacity && end < names.length) {
    const next = names.indexOf(0, end) + 1;
    if (next - start > batch.names.length) break;
    end = next;
    count++;
  }
  names.copy(batch.names, 0, start, end);
  return { count, end };
}

function statusOf(path: SystemPath): FileStatus | Error | undefined {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : FileStatus.fromStat(stat);
  } catch (error) {
    return error as Error;
  }
}
