/**
 * Stored objects: objects and chunks of files by digest. The catalog says where they lie, the reader checks them.
 *
 * Where something was read last is remembered: to ask the catalog takes longer than to read 4 KiB. A place is a hint, since
 * other processes may move or remove what lies there: the checksum decides, and where it fails the catalog is asked.
 */

import type { ChunkIndex } from "../catalog/chunk-index.js";
import { missingChunk } from "../catalog/chunk-locator.js";
import { RecentBytes } from "../hash/recent-bytes.js";
import { formatDigest } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import type { ChunkLocation } from "../pack/chunk-location.js";
import type { ChunkReader } from "../pack/chunk-reader.js";
import type { ChunkSource } from "../tree/content-reader.js";

/** Where a chunk lies. */
type Place = Omit<ChunkLocation, "kind">;

/** Of 130,000 places, with what each takes beside: 60 bytes. */
const PLACES_BYTES_MAX = 60 * 130_000;
/** 2 MiB. */
const PLACE_SLOTS = 2 ** 18;

/** Keeps at most 10 MiB, of which 76 bytes for each chunk that was read. */
export class StoredObjects implements ChunkSource {
  readonly #chunks: ChunkReader;
  readonly #index: Pick<ChunkIndex, "locate">;
  readonly #places = new RecentBytes(PLACES_BYTES_MAX, PLACE_SLOTS);

  constructor(index: Pick<ChunkIndex, "locate">, chunks: ChunkReader) {
    this.#index = index;
    this.#chunks = chunks;
  }

  /** Returns an object, in memory that is the caller's. */
  readObject(digest: Buffer): Buffer {
    return this.#read(digest, (place) => {
      const bytes = Buffer.allocUnsafe(place.lengthBytes);
      this.#chunks.readInto(digest, place, bytes);
      return bytes;
    });
  }

  readChunk(digest: Buffer, lengthBytes: number, start: number, target: Uint8Array): void {
    if (start === 0 && target.length === lengthBytes) {
      this.#read(digest, (place) => {
        requireLength(digest, place.lengthBytes, lengthBytes);
        this.#chunks.readInto(digest, place, target);
      });
      return;
    }
    const bytes = this.readObject(digest);
    requireLength(digest, bytes.length, lengthBytes);
    target.set(bytes.subarray(start, start + target.length));
  }

  #read<T>(digest: Buffer, readAt: (place: Place) => T): T {
    const known = this.#places.get(digest);
    if (known !== undefined) {
      try {
        return readAt(decodePlace(known));
      } catch (error) {
        // It may have been moved; what is damaged is found so once more.
        if (!(error instanceof CoppiceError) || error.code !== "CORRUPT") throw error;
      }
    }
    let place = this.#locate(digest);
    for (;;) {
      try {
        const result = readAt(place);
        this.#places.add(digest, encodePlace(place));
        return result;
      } catch (error) {
        if (!(error instanceof CoppiceError) || error.code !== "CORRUPT") throw error;
        // Between the two a collection may have moved it.
        const now = this.#locate(digest);
        if (now.pack === place.pack && now.offset === place.offset) throw error;
        place = now;
      }
    }
  }

  #locate(digest: Buffer): Place {
    const place = this.#index.locate(digest);
    if (place === undefined) throw missingChunk(digest);
    return place;
  }
}

/** A place in memory: offset (8), length (4), pack (4), XXH64 (8). */
const PLACE_BYTES = 24;
const CHECKSUM_AT = 16;
const encoded = Buffer.alloc(PLACE_BYTES);

/** Returns a place's bytes, until the next one's. */
function encodePlace({ pack, offset, lengthBytes, checksum }: Place): Buffer {
  encoded.writeDoubleLE(offset, 0);
  encoded.writeUInt32LE(lengthBytes, 8);
  encoded.writeUInt32LE(pack, 12);
  encoded.set(checksum, CHECKSUM_AT);
  return encoded;
}

/** Returns a place; the checksum is a view of its bytes. */
function decodePlace(bytes: Buffer): Place {
  return {
    pack: bytes.readUInt32LE(12),
    offset: bytes.readDoubleLE(0),
    lengthBytes: bytes.readUInt32LE(8),
    checksum: bytes.subarray(CHECKSUM_AT),
  };
}

function requireLength(digest: Buffer, lengthBytes: number, wanted: number): void {
  if (lengthBytes === wanted) return;
  const text = formatDigest(digest);
  throw new CoppiceError(
    "CORRUPT",
    `Cannot read chunk ${text}: it has ${lengthBytes} bytes where its file has ${wanted}`,
    { digest: text },
  );
}
