/**
 * Pack writer: appends chunks to one pack that its session owns.
 *
 * Invariants:
 * (P1) Nothing below the committed length is ever written again.
 * (P2) A file's chunks that follow one another in it and are new lie one after the other, in phase:
 *      `offset % 4096 == fileOffset % 4096`, so that the kernel can map them where they are.
 * (P3) After a failed write or sync the writer refuses everything: what reached the disk is unknown.
 */

import type { Disk, DiskFile } from "../disk/disk.js";
import { xxh64 } from "../hash/xxh64.js";
import { CoppiceError } from "../model/error.js";
import type { ChunkKind } from "./chunk-location.js";
import { ChunkTable } from "./chunk-table.js";
import { hasRecordBehind, recordFollows } from "./find-index-record.js";
import { openPack } from "./open-pack.js";
import type { PackIdentity } from "./pack-codec.js";
import { encodeIndexRecord, encodePackHeader, PACK_HEADER_BYTES, packPath } from "./pack-codec.js";

/** The unit in which the kernel maps files. */
export const PHASE_BYTES = 4096;
/** Bytes gathered for one write, at most. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** The buffer begins with this and grows: most captures write a few objects. */
const BUFFER_BYTES_MIN = 64 * 1024;

/** A pack to append to. */
export interface AcquiredPack {
  readonly id: number;
  readonly name: string;
  /** Its committed length. */
  readonly lengthBytes: number;
  /** How much of that is on stable storage; 0 where its name may not be either. */
  readonly syncedBytes: number;
}

/** Where in a file a chunk starts; chunks of one file have the same `file` value. */
export interface FilePlace {
  readonly file: number;
  readonly offset: number;
}

export class PackWriter {
  readonly id: number;
  /** Whether the file's name is on stable storage. */
  readonly isNameSynced: boolean;
  readonly #identity: PackIdentity;
  readonly #file: DiskFile;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES_MIN);
  /** What was appended since the last index record. */
  readonly #table = new ChunkTable();
  /** The rows that were indexed and not handed out yet. */
  readonly #indexed: Buffer[] = [];
  /** Where the buffer's first byte belongs. */
  #base: number;
  #used = 0;
  #regionStart: number;
  /** A free stretch of the buffer in front of the last aligned run: small chunks fill it. */
  #gapStart = 0;
  #gapEnd = 0;
  #run: { file: number; fileEnd: number; end: number } | undefined;
  #failed: unknown;

  private constructor(
    { id, lengthBytes, syncedBytes }: AcquiredPack,
    identity: PackIdentity,
    file: DiskFile,
  ) {
    this.id = id;
    this.isNameSynced = syncedBytes > 0;
    this.#identity = identity;
    this.#file = file;
    this.#base = lengthBytes;
    this.#regionStart = lengthBytes;
  }

  /**
   * Opens a pack to append to it; what lies beyond its committed length is cut off first, unless an index record follows there:
   * that may be of snapshots which the catalog forgot.
   *
   * @param pack as the catalog has it; with a length of 0 it is made anew
   * @throws {CoppiceError} CORRUPT when the file is missing, another pack, shorter than that, or holds more than the catalog lists
   */
  static open(disk: Disk, pack: AcquiredPack, storeId: string): PackWriter {
    const path = packPath(pack.name);
    const identity = { storeId, name: pack.name };
    if (pack.lengthBytes === 0) {
      if (hasRecordBehind(disk, identity, 0)) throw holdsMore(pack);
      disk.remove(path); // A session that died before its first commit may have left one.
      const file = disk.open(path, "create");
      const writer = new PackWriter(pack, identity, file);
      writer.#put(encodePackHeader(identity, Date.now()));
      writer.#regionStart = PACK_HEADER_BYTES;
      return writer;
    }
    const file = openPack(disk, identity, "write");
    try {
      const size = file.size();
      if (size < pack.lengthBytes) {
        throw new CoppiceError(
          "CORRUPT",
          `Cannot append to pack ${pack.name}: it has ${size} bytes where ${pack.lengthBytes} were committed`,
          { path },
        );
      }
      if (recordFollows(file, pack.name, pack.lengthBytes)) throw holdsMore(pack);
      if (size > pack.lengthBytes) file.truncate(pack.lengthBytes);
      return new PackWriter(pack, identity, file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The pack's length when everything so far is written, without the index record to come. */
  get lengthBytes(): number {
    return this.#base + this.#used;
  }

  /**
   * Appends a chunk.
   *
   * @param place where in a file it starts, for chunks that are to be mapped; otherwise it is packed densely
   */
  append(bytes: Uint8Array, digest: Buffer, kind: ChunkKind, place?: FilePlace): void {
    this.#check();
    const offset =
      place === undefined
        ? this.#placeDense(bytes.length)
        : this.#placeInPhase(bytes.length, place);
    if (offset >= this.#base && offset < this.#base + this.#used)
      this.#buffer.set(bytes, offset - this.#base);
    else this.#put(bytes);
    this.#table.add(digest, offset, bytes.length, kind, xxh64(bytes));
  }

  /**
   * Writes everything with its index record, and syncs it where asked.
   *
   * @returns the length to commit, and the rows of what was appended since the last time
   */
  finish(sync: boolean): { lengthBytes: number; rows: Buffer } {
    this.#check();
    if (this.#table.count > 0) {
      const record = encodeIndexRecord(
        this.#identity,
        this.#table.bytes,
        this.lengthBytes,
        this.#regionStart,
      );
      this.#put(record);
      this.#indexed.push(Buffer.from(this.#table.bytes));
      this.#table.clear();
      this.#regionStart = this.lengthBytes;
    }
    this.#flush();
    if (sync) this.#guard(() => this.#file.sync());
    return { lengthBytes: this.#base, rows: Buffer.concat(this.#indexed.splice(0)) };
  }

  /** Closes the file. What was not finished is lost, and cut off when the pack is next appended to. */
  close(): void {
    this.#failed ??= new Error("closed");
    this.#file.close();
  }

  /** Returns where a dense chunk goes: into the gap where it fits, else to the end. */
  #placeDense(length: number): number {
    if (this.#gapStart + length <= this.#gapEnd) {
      const offset = this.#gapStart;
      this.#gapStart += length;
      return offset;
    }
    return this.lengthBytes;
  }

  #placeInPhase(length: number, place: FilePlace): number {
    const run = this.#run;
    const end = this.lengthBytes;
    if (
      run === undefined ||
      run.file !== place.file ||
      run.fileEnd !== place.offset ||
      run.end !== end
    ) {
      const padding = (((place.offset - end) % PHASE_BYTES) + PHASE_BYTES) % PHASE_BYTES;
      this.#pad(padding);
    }
    const offset = this.lengthBytes;
    this.#run = { file: place.file, fileEnd: place.offset + length, end: offset + length };
    return offset;
  }

  /** Leaves a gap at the end, zeroed, for dense chunks to come; the larger of two gaps is kept. */
  #pad(length: number): void {
    if (length === 0) return;
    this.#makeRoom(length);
    const start = this.lengthBytes;
    this.#buffer.fill(0, this.#used, this.#used + length);
    this.#used += length;
    if (length > this.#gapEnd - this.#gapStart) {
      this.#gapStart = start;
      this.#gapEnd = start + length;
    }
  }

  /** Adds bytes at the end. */
  #put(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    if (bytes.length > BUFFER_BYTES) {
      this.#guard(() => this.#file.write(bytes, this.#base));
      this.#base += bytes.length;
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Has the buffer take some more bytes, unless it could not at its largest. */
  #makeRoom(length: number): void {
    if (this.#used + length > BUFFER_BYTES) this.#flush();
    const needed = this.#used + length;
    if (needed <= this.#buffer.length || needed > BUFFER_BYTES) return;
    const larger = Buffer.allocUnsafe(
      Math.min(BUFFER_BYTES, Math.max(needed, 4 * this.#buffer.length)),
    );
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#guard(() => this.#file.write(this.#buffer.subarray(0, this.#used), this.#base));
    this.#base += this.#used;
    this.#used = 0;
    this.#gapEnd = this.#gapStart = 0; // What was written is not written again.
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed = error;
      throw error;
    }
  }

  #check(): void {
    if (this.#failed !== undefined) {
      throw new CoppiceError(
        "POISONED",
        `Cannot append to pack ${this.#identity.name}: an earlier write failed, open the store again`,
        { cause: this.#failed },
      );
    }
  }
}

function holdsMore({ name }: AcquiredPack): CoppiceError {
  return new CoppiceError(
    "CORRUPT",
    `Cannot append to pack ${name}: it holds more than the catalog lists, run coppice repair`,
    { path: packPath(name) },
  );
}
