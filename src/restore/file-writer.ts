/**
 * File writer: makes regular files out of stored chunks.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { FileEntry } from "../model/entry.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import { joinPath, nameFromBytes } from "../scan/source-directory.js";
import type { SystemPath } from "../system/system-path.js";
import type { OnLimit, Restorer } from "./attributes.js";
import { setAttributes } from "./attributes.js";
import type { ExtentCloner } from "./extent-cloner.js";
import { CLONE_BYTES_MIN, outside } from "./extent-cloner.js";
import type { StoredExtent } from "./extent-table.js";
import { decodeExtents } from "./extent-table.js";
import { temporaryName } from "./temporary-name.js";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Holes are told from data in blocks of this. */
const BLOCK_BYTES = 4096;
/** Chunks read and written at once. */
const BUFFER_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** How a file is put in place. */
export interface FilePlacement {
  /** Path of its directory for system calls. */
  readonly directory: SystemPath;
  /** Whether something of its name stands there, which it replaces in one step. */
  readonly replaces: boolean;
  /** Whether this restore made the directory: nothing is inherited from it then. */
  readonly isOwnDirectory: boolean;
}

/** What files are written with. */
export interface FileWriterTools {
  readonly reader: ChunkReader;
  readonly restorer: Restorer;
  readonly onLimit: OnLimit;
  /** Called for each mebibyte written; what it throws ends the writing. */
  readonly checkpoint: (() => void) | undefined;
  /** Shares blocks with the packs; `undefined` to copy all bytes. */
  readonly cloner: ExtentCloner | undefined;
}

export class FileWriter {
  readonly #tools: FileWriterTools;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  constructor(tools: FileWriterTools) {
    this.#tools = tools;
  }

  /**
   * Writes a file. Where it replaces another, a crash leaves the old or the new one; a new one may be left
   * unfinished, and is written again by the next restore.
   *
   * @param extents as in an extent table
   * @throws {CoppiceError} CORRUPT
   * @throws {NodeJS.ErrnoException}
   */
  write(entry: FileEntry, extents: Buffer, placement: FilePlacement): void {
    const final = joinPath(placement.directory, nameFromBytes(entry.name));
    const path = placement.replaces ? joinPath(placement.directory, temporaryName()) : final;
    const descriptor = openSync(path, CREATE, this.#openMode(entry, placement));
    try {
      const { cloner } = this.#tools;
      if (cloner === undefined || entry.sizeBytes < CLONE_BYTES_MIN)
        this.#fill(descriptor, entry.sizeBytes, extents);
      else this.#fillSharing(descriptor, entry.sizeBytes, [...decodeExtents(extents)], cloner);
      setAttributes(
        { descriptor },
        entry,
        this.#standing(descriptor, entry, placement),
        this.#tools.onLimit,
      );
    } catch (error) {
      closeSync(descriptor);
      unlinkSync(path);
      throw error;
    }
    closeSync(descriptor);
    if (placement.replaces) renameSync(path, final);
  }

  #fill(descriptor: number, sizeBytes: number, extents: Buffer): void {
    const { reader, checkpoint } = this.#tools;
    // First, as below.
    const isLarge = sizeBytes > BUFFER_BYTES;
    if (isLarge) ftruncateSync(descriptor, sizeBytes);
    let end = 0;
    let pending = 0; // Bytes in the buffer, which belong right before `end`.
    const flush = (): void => {
      checkpoint?.();
      if (pending > 0) writeSparse(descriptor, this.#buffer.subarray(0, pending), end - pending);
      pending = 0;
    };
    for (const { fileOffset, digest, location } of decodeExtents(extents)) {
      if (fileOffset !== end || pending + location.lengthBytes > BUFFER_BYTES) flush();
      if (location.lengthBytes > BUFFER_BYTES)
        throw new RangeError("A chunk of a file is larger than the buffer");
      reader.readInto(digest, location, this.#buffer.subarray(pending));
      pending += location.lengthBytes;
      end = fileOffset + location.lengthBytes;
    }
    const isWritten =
      pending > 0 && end === sizeBytes && !endsInZeros(this.#buffer.subarray(0, pending), end);
    flush();
    if (!isWritten && !isLarge && sizeBytes > 0) ftruncateSync(descriptor, sizeBytes);
  }

  /** Fills a file that shares what it can with the packs, and copies the rest. */
  #fillSharing(
    descriptor: number,
    sizeBytes: number,
    extents: readonly StoredExtent[],
    cloner: ExtentCloner,
  ): void {
    // First: what XFS sets aside behind the end of a file stays when the file is made longer afterwards.
    ftruncateSync(descriptor, sizeBytes);
    const cloned = cloner.clone(descriptor, extents);
    for (const { fileOffset: start, digest, location } of extents) {
      const left = [...outside({ start, end: start + location.lengthBytes }, cloned)];
      if (left.length === 0) continue;
      this.#tools.checkpoint?.();
      this.#tools.reader.readInto(digest, location, this.#buffer);
      for (const range of left) {
        const bytes = this.#buffer.subarray(range.start - start, range.end - start);
        writeSparse(descriptor, bytes, range.start);
      }
    }
  }

  /**
   * A file of ours in a directory of ours gets its mode at once. Otherwise nobody else may open it until
   * it has its owner.
   */
  #openMode(entry: FileEntry, placement: FilePlacement): number {
    return this.#isOurs(entry) && placement.isOwnDirectory ? entry.mode & 0o777 : 0o600;
  }

  #standing(descriptor: number, entry: FileEntry, placement: FilePlacement) {
    const { uid, gid, umask } = this.#tools.restorer;
    if (placement.isOwnDirectory) {
      return { uid, gid, mode: this.#openMode(entry, placement) & ~umask, mayHaveXattrs: false };
    }
    // A directory may give its group (set-group-ID) and its default ACL to what is made in it.
    const stat = fstatSync(descriptor);
    return { uid: stat.uid, gid: stat.gid, mode: stat.mode & 0o7777, mayHaveXattrs: true };
  }

  #isOurs(entry: FileEntry): boolean {
    const { uid, gid } = this.#tools.restorer;
    return entry.uid === uid && entry.gid === gid;
  }
}

/** Writes bytes but for whole blocks of zeros, which stay holes. */
function writeSparse(descriptor: number, bytes: Buffer, position: number): void {
  let start = 0;
  const firstBlock = (BLOCK_BYTES - (position % BLOCK_BYTES)) % BLOCK_BYTES;
  for (let at = firstBlock; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
    if (bytes[at] !== 0 || !isZeroBlock(bytes, at)) continue;
    writeFully(descriptor, bytes.subarray(start, at), position + start);
    start = at + BLOCK_BYTES;
  }
  writeFully(descriptor, bytes.subarray(start), position + start);
}

/** Whether the last whole block would be left as a hole, so that the file's length must be set. */
function endsInZeros(bytes: Buffer, end: number): boolean {
  return (
    end % BLOCK_BYTES === 0 &&
    bytes.length >= BLOCK_BYTES &&
    isZeroBlock(bytes, bytes.length - BLOCK_BYTES)
  );
}

function isZeroBlock(bytes: Buffer, at: number): boolean {
  return bytes.compare(ZEROS, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) === 0;
}

function writeFully(descriptor: number, bytes: Buffer, position: number): void {
  let done = 0;
  while (done < bytes.length)
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}
