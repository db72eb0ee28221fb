/**
 * Chunk writer: one thread's way of getting new chunks into packs, one pack after the other.
 */
import type { Disk } from "../disk/disk.js";
import { explainSystemError } from "../model/system-failure.js";
import type { ChunkKind } from "./chunk-location.js";
import { PACK_BYTES_MAX } from "./pack-codec.js";
import type { AcquiredPack, FilePlace } from "./pack-writer.js";
import { PackWriter } from "./pack-writer.js";

/** What a writer needs to get at packs. */
export interface PackSupply {
  readonly storeId: string;
  /** Returns a pack that the caller owns from now on. */
  acquirePack(): AcquiredPack;
}

/** What was written to one pack and is to be committed. */
export interface WrittenPack {
  readonly id: number;
  /** The length to commit. */
  readonly lengthBytes: number;
  /** Rows as in a `ChunkTable`. */
  readonly rows: Buffer;
}

export class ChunkWriter {
  readonly #disk: Disk;
  readonly #supply: PackSupply;
  readonly #full: PackWriter[] = [];
  #current: PackWriter | undefined;
  #bytesWritten = 0;

  constructor(disk: Disk, supply: PackSupply) {
    this.#disk = disk;
    this.#supply = supply;
  }

  /** Bytes of all chunks appended so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Appends a chunk that is not stored yet. */
  append(bytes: Uint8Array, digest: Buffer, kind: ChunkKind, place?: FilePlace): void {
    if (this.#current !== undefined && this.#current.lengthBytes >= PACK_BYTES_MAX) {
      this.#full.push(this.#current);
      this.#current = undefined;
    }
    try {
      this.#current ??= PackWriter.open(
        this.#disk,
        this.#supply.acquirePack(),
        this.#supply.storeId,
      );
      this.#current.append(bytes, digest, kind, place);
    } catch (error) {
      // In the store's terms at once: an EIO of the store's disk must not pass for one of the source's.
      throw explainSystemError(error, "write to the store");
    }
    this.#bytesWritten += bytes.length;
  }

  /** Writes everything out, synced where asked, and returns what to commit. */
  finish(sync: boolean): WrittenPack[] {
    const writers = this.#current === undefined ? this.#full : [...this.#full, this.#current];
    const written = writers.map((writer) => ({ id: writer.id, ...writer.finish(sync) }));
    if (sync && writers.some((writer) => !writer.isNameSynced)) this.#disk.syncDirectory("packs");
    return written;
  }

  /** Closes the packs; what was not finished is lost. */
  close(): void {
    for (const writer of this.#full.splice(0)) writer.close();
    this.#current?.close();
    this.#current = undefined;
  }
}
