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

/** What a row says beside the digest: where the chunk lies and what it is. */
export const CHUNK_PLACE_BYTES = CHUNK_ROW_BYTES - DIGEST_BYTES;

const INITIAL_ROWS = 64;

/** Rows of one pack, in the order in which they were added. */
export class ChunkTable {
  #bytes = Buffer.alloc(INITIAL_ROWS * CHUNK_ROW_BYTES);
  #view = viewOf(this.#bytes);
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
      this.#view = viewOf(this.#bytes);
    }
    const at = this.#length;
    const view = this.#view;
    this.#bytes.set(digest, at);
    view.setUint32(at + 32, offset % WORD, true);
    view.setUint32(at + 36, Math.floor(offset / WORD), true);
    view.setUint32(at + 40, lengthBytes, true);
    view.setUint32(at + 44, kind, true); // With codec 0, the bytes as they are.
    view.setBigUint64(at + 48, checksum, true);
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
    const digest = bytes.subarray(at, at + DIGEST_BYTES);
    yield { digest, ...decodePlace(pack, bytes, at + DIGEST_BYTES) };
  }
}

/** Returns what the part of a row behind its digest says; the checksum is a view of it. */
export function decodePlace(pack: number, place: Buffer, at = 0): ChunkLocation {
  return {
    pack,
    offset: place.readUInt32LE(at) + place.readUInt32LE(at + 4) * WORD,
    lengthBytes: place.readUInt32LE(at + 8),
    kind: place[at + 12] as ChunkKind,
    checksum: place.subarray(at + 16, at + 24),
  };
}

const WORD = 2 ** 32;

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
