/**
 * Chunk locator: says where chunks lie. The catalog's index is one; where most of a store is about to be
 * read, a table of all its chunks in memory answers forty times as fast.
 */
import { wordAt } from "../hash/word-at.js";
import { formatDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_BYTES_MAX } from "../model/limits.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import { CHUNK_PLACE_BYTES, decodePlace } from "../pack/chunk-table.js";

/** Says where chunks lie. */
export interface ChunkLocator {
  /**
   * Returns where a chunk lies, or `undefined`.
   *
   * @throws {CoppiceError} CORRUPT
   */
  locate(digest: Buffer): ChunkLocation | undefined;
}

/**
 * A row of a chunk that is held in memory:
 *
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 32 | digest |
 * | 32 | 24 | place, as in the chunk's row in its pack: offset (8), length (4), kind and codec (4), XXH64 (8) |
 * | 56 | 4 | pack, big-endian |
 * | 60 | 4 | zero |
 */
export const LOCATED_ROW_BYTES = 64;
const PLACE_AT = 32;
export const LOCATED_PACK_AT = PLACE_AT + CHUNK_PLACE_BYTES;
/** Rows are found by the first so many bits of their digests, which are as good as random. */
const PREFIX_BITS = 16;
/** A word of a digest behind those. */
const WORD_AT = 4;

/** Rows of chunks in memory, sorted by digest. */
export class LocatedChunks implements ChunkLocator {
  readonly #rows: Buffer;
  /** For each prefix the number of its first row, and one more for the end. */
  readonly #starts = new Uint32Array(2 ** PREFIX_BITS + 1);

  constructor(rows: Buffer) {
    this.#rows = rows;
    const starts = this.#starts;
    for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) {
      const next = rows.readUInt16BE(at) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let prefix = 1; prefix < starts.length; prefix++)
      starts[prefix] = (starts[prefix] as number) + (starts[prefix - 1] as number);
  }

  locate(digest: Buffer): ChunkLocation | undefined {
    const prefix = digest.readUInt16BE(0);
    const end = (this.#starts[prefix + 1] as number) * LOCATED_ROW_BYTES;
    const rows = this.#rows;
    // Of several with a prefix most are told apart by one word.
    const word = wordAt(digest, WORD_AT);
    for (let at = (this.#starts[prefix] as number) * LOCATED_ROW_BYTES; at < end; ) {
      if (wordAt(rows, at + WORD_AT) === word && rows.compare(digest, 0, 32, at, at + 32) === 0)
        return this.#locationAt(digest, at);
      at += LOCATED_ROW_BYTES;
    }
    return undefined;
  }

  #locationAt(digest: Buffer, at: number): ChunkLocation {
    const pack = this.#rows.readUInt32BE(at + LOCATED_PACK_AT);
    return checked(digest, decodePlace(pack, this.#rows, at + PLACE_AT));
  }
}

/** Returns a location that a chunk can have. @throws {CoppiceError} CORRUPT */
export function checked(digest: Buffer, location: ChunkLocation): ChunkLocation {
  if (Number.isSafeInteger(location.offset) && location.lengthBytes <= CHUNK_BYTES_MAX)
    return location;
  const text = formatDigest(digest);
  throw new CoppiceError(
    "CORRUPT",
    `Cannot read chunk ${text}: the catalog gives it a place that no chunk can have`,
    { digest: text },
  );
}

/** Returns the error for a chunk that something stored refers to and the catalog does not have. */
export function missingChunk(digest: Buffer): CoppiceError {
  const text = formatDigest(digest);
  return new CoppiceError("CORRUPT", `Cannot read chunk ${text}: the catalog does not list it`, {
    digest: text,
  });
}
