/**
 * Chunk reader: stored bytes by digest, each read checked.
 */

import type { Disk, DiskFile } from "../disk/disk.js";
import { xxh64 } from "../hash/xxh64.js";
import { formatDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import type { ChunkLocation } from "./chunk-location.js";
import { openPack } from "./open-pack.js";
import { packPath } from "./pack-codec.js";

/** Names the packs; in the calling thread that is the catalog. */
export interface PackNames {
  readonly storeId: string;
  packName(id: number): string;
}

/** Reads chunks from packs, which stay open until `close`. */
export class ChunkReader {
  readonly #disk: Disk;
  readonly #names: PackNames;
  readonly #files = new Map<number, DiskFile>();
  #isClosed = false;

  constructor(disk: Disk, names: PackNames) {
    this.#disk = disk;
    this.#names = names;
  }

  /**
   * Reads a chunk into a buffer of at least its length. Costs one read and one XXH64.
   *
   * @throws {CoppiceError} CORRUPT, naming pack, offset and digest
   */
  readInto(digest: Buffer, location: Omit<ChunkLocation, "kind">, into: Uint8Array): void {
    const { pack, offset, lengthBytes } = location;
    const isPossible = lengthBytes <= CHUNK_BYTES_MAX;
    const bytes = into.length === lengthBytes ? into : into.subarray(0, lengthBytes);
    const count = isPossible ? this.readRun(pack, offset, bytes) : 0;
    this.check(digest, location, count === bytes.length ? bytes : bytes.subarray(0, count));
  }

  /**
   * Reads a stretch of a pack with several chunks, each of which is to be checked before it is used.
   *
   * @returns how many bytes there were
   */
  readRun(pack: number, offset: number, into: Uint8Array): number {
    return this.#open(pack).read(into, offset);
  }

  /**
   * Checks what was read of a chunk. Costs one XXH64.
   *
   * @param bytes all of it, or less where the pack ended
   * @throws {CoppiceError} CORRUPT, naming pack, offset and digest
   */
  check(digest: Buffer, location: Omit<ChunkLocation, "kind">, bytes: Uint8Array): void {
    const { pack, offset, lengthBytes, checksum } = location;
    let problem: string;
    if (lengthBytes > CHUNK_BYTES_MAX) problem = `the catalog gives it ${lengthBytes} bytes`;
    else if (bytes.length < lengthBytes)
      problem = `the pack ends after ${bytes.length} of its ${lengthBytes} bytes`;
    else if (xxh64(bytes) !== checksum.readBigUInt64LE()) problem = "its bytes fail their checksum";
    else return;
    const text = formatDigest(digest);
    throw new CoppiceError(
      "CORRUPT",
      `Cannot read chunk ${text} at offset ${offset} of pack ${this.#names.packName(pack)}: ${problem}, restore the pack from a copy of the store`,
      { digest: text, path: packPath(this.#names.packName(pack)) },
    );
  }

  /** Closes the packs that are gone: a file that is open keeps its place on the disk. */
  closeOthers(isThere: (pack: number) => boolean): void {
    for (const [pack, file] of this.#files) {
      if (isThere(pack)) continue;
      file.close();
      this.#files.delete(pack);
    }
  }

  /** Closes all packs; nothing can be read any more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #open(pack: number): DiskFile {
    let file = this.#files.get(pack);
    if (file === undefined) {
      if (this.#isClosed)
        throw new CoppiceError(
          "STORE_CLOSED",
          "Cannot read pack: its store is closed, open it again",
        );
      const name = this.#names.packName(pack);
      file = openPack(this.#disk, { storeId: this.#names.storeId, name }, "read");
      this.#files.set(pack, file);
    }
    return file;
  }
}
