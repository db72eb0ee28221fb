/**
 * File batch: regular files to write, as flat bytes for a thread.
 *
 * Items one after the other, numbers of 32 bits each:
 *
 * - a directory, that of the files after it: 0, whether this restore made it, the number of names from the
 *   root down to it, and each name's length and bytes;
 * - a file: 1, whether it replaces something, the bytes of its extents, its tree record and its extents.
 */
import type { FileEntry } from "../model/entry.js";
import { decodeEntry } from "../tree/entry-codec.js";
import type { StoredExtent } from "./extent-table.js";
import { EXTENT_BYTES, writeExtent } from "./extent-table.js";

const DIRECTORY = 0;
const FILE = 1;
const INITIAL_BYTES = 64 * 1024;

/** What a batch consists of. */
export type BatchItem =
  | {
      readonly type: "directory";
      /** From the root down. */
      readonly names: readonly Buffer[];
      /** Whether this restore made it. */
      readonly isOwn: boolean;
    }
  | {
      readonly type: "file";
      readonly entry: FileEntry;
      readonly replaces: boolean;
      /** As in an extent table. */
      readonly extents: Buffer;
    };

/** A batch in the making. */
export class FileBatchDraft {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #used = 0;
  #files = 0;
  #fileBytes = 0;

  get files(): number {
    return this.#files;
  }

  /** Sum of the files' sizes. */
  get fileBytes(): number {
    return this.#fileBytes;
  }

  /** Begins a directory: the files to come are in it. */
  addDirectory(names: readonly Buffer[], isOwn: boolean): void {
    this.#addNumbers(DIRECTORY, isOwn ? 1 : 0, names.length);
    for (const name of names) {
      this.#addNumbers(name.length);
      this.#addBytes(name);
    }
  }

  /**
   * Adds a file.
   *
   * @param record its tree record
   * @param extents where its bytes lie, but for holes
   */
  addFile(
    record: Buffer,
    sizeBytes: number,
    replaces: boolean,
    extents: Iterable<StoredExtent>,
  ): void {
    this.#addNumbers(FILE, replaces ? 1 : 0, 0);
    const lengthAt = this.#used - 4;
    this.#addBytes(record);
    const start = this.#used;
    for (const extent of extents) {
      this.#reserve(EXTENT_BYTES);
      writeExtent(this.#bytes, this.#used, extent);
      this.#used += EXTENT_BYTES;
    }
    this.#bytes.writeUInt32LE(this.#used - start, lengthAt);
    this.#files++;
    this.#fileBytes += sizeBytes;
  }

  /** Returns the batch, in memory of its own that may be handed over. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#used);
  }

  #addNumbers(...numbers: number[]): void {
    this.#reserve(4 * numbers.length);
    for (const number of numbers) this.#used = this.#bytes.writeUInt32LE(number, this.#used);
  }

  #addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * (this.#used + bytes));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}

/** Yields the items of a batch; what they hold are views of it. */
export function* decodeBatch(batch: Uint8Array): Generator<BatchItem> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.length);
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readUInt32LE(at);
    const flag = bytes.readUInt32LE(at + 4) === 1;
    const count = bytes.readUInt32LE(at + 8);
    at += 12;
    if (type === DIRECTORY) {
      const names: Buffer[] = [];
      for (let name = 0; name < count; name++) {
        const start = at + 4;
        at = start + bytes.readUInt32LE(at);
        names.push(bytes.subarray(start, at));
      }
      yield { type: "directory", names, isOwn: flag };
      continue;
    }
    const recordEnd = at + bytes.readUInt32LE(at);
    const entry = decodeEntry(bytes.subarray(at, recordEnd));
    if (entry.kind !== "file") throw new Error("A file batch holds files");
    at = recordEnd + count;
    yield { type: "file", entry, replaces: flag, extents: bytes.subarray(recordEnd, at) };
  }
}
