/**
 * A list of chunks and where they lie, as flat bytes: it crosses threads without a copy and is what
 * a pack's index record holds.
 */
import { DIGEST_BYTES } from "../model/digest.js";
import type { ChunkKind, ChunkLocation } from "./chunk-location.js";

/**
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 32 | digest |
 * | 32 | 8 | offset in the pack |
 * | 40 | 4 | length |
 * | 44 | 1 | kind |
 * | 45 | 1 | codec: 0, the bytes as they are |
 * | 46 | 2 | zero |
 * | 48 | 8 | XXH64 of the bytes as stored |
 */
export const CHUNK_ROW_BYTES = 56;

const INITIAL_ROWS = 64;

/** Rows of one pack, in the order in which they were added. */
export class ChunkTable {
  #bytes = Buffer.alloc(INITIAL_ROWS * CHUNK_ROW_BYTES);
  #length = 0;

  /** The rows' bytes, a view that the next `add` may invalidate. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get count(): number {
    return this.#length / CHUNK_ROW_BYTES;
  }

  add(
    digest: Buffer,
    offset: number,
    lengthBytes: number,
    kind: ChunkKind,
    checksum: bigint,
  ): void {
    if (this.#length === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    const row = this.#bytes;
    const at = this.#length;
    digest.copy(row, at, 0, DIGEST_BYTES);
    row.writeBigUInt64LE(BigInt(offset), at + 32);
    row.writeUInt32LE(lengthBytes, at + 40);
    row[at + 44] = kind;
    row.writeBigUInt64LE(checksum, at + 48);
    this.#length += CHUNK_ROW_BYTES;
  }

  clear(): void {
    this.#length = 0;
  }
}

/** Yields the chunks in a table's bytes; digests and checksums are views of them. */
export function* chunkRows(
  bytes: Buffer,
  pack: number,
): Generator<ChunkLocation & { readonly digest: Buffer }> {
  for (let at = 0; at < bytes.length; at += CHUNK_ROW_BYTES) {
    yield {
      digest: bytes.subarray(at, at + DIGEST_BYTES),
      pack,
      offset: Number(bytes.readBigUInt64LE(at + 32)),
      lengthBytes: bytes.readUInt32LE(at + 40),
      kind: bytes[at + 44] as ChunkKind,
      checksum: bytes.subarray(at + 48, at + 56),
    };
  }
}
