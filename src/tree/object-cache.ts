/**
 * Object cache: the objects that were read last, in memory, and the small files. What is asked for again and again is the
 * same few: the trees of the directories in which programs are at work, and what is in these. Files have a memory of their
 * own, or those of one large directory would drive out all trees.
 */
import { RecentBytes } from "../hash/recent-bytes.js";
import type { ChunkSource } from "./content-reader.js";

/** Some thousand nodes. */
const CACHE_BYTES_MAX = 4 * 1024 * 1024;
/** Larger ones would drive out too many others. */
const OBJECT_BYTES_MAX = CACHE_BYTES_MAX / 16;
/** Of files' chunks. */
const CHUNKS_BYTES_MAX = 16 * 1024 * 1024;
/** Half a megabyte, for four times as many as there are of 1 KiB. */
const CHUNK_SLOTS = 2 ** 16;
/** Larger ones that are read whole are not kept: to read them from a pack costs hardly more than to copy them. */
const CHUNK_BYTES_MAX = 16 * 1024;

const caches = new WeakMap<ChunkSource, ObjectCache>();

/**
 * Returns a source that keeps what it has read of another one, 20.5 MiB at most; the same one for all who ask, so that they
 * share it. Nobody may change the objects that it returns, or give them to a caller of the library.
 */
export function cachedObjects(source: ChunkSource): ChunkSource {
  let cache = caches.get(source);
  if (cache === undefined) caches.set(source, (cache = new ObjectCache(source)));
  return cache;
}

class ObjectCache implements ChunkSource {
  readonly #source: ChunkSource;
  readonly #chunks = new RecentBytes(CHUNKS_BYTES_MAX, CHUNK_SLOTS);
  /** By digest, as Latin-1; the one that was asked for last is the last one. */
  readonly #objects = new Map<string, Buffer>();
  #bytes = 0;

  constructor(source: ChunkSource) {
    this.#source = source;
  }

  readChunk(digest: Buffer, lengthBytes: number, start: number, target: Uint8Array): void {
    const known = this.#chunks.get(digest);
    if (known?.length === lengthBytes) {
      target.set(known.subarray(start, start + target.length));
      return;
    }
    if (start === 0 && target.length === lengthBytes) {
      this.#source.readChunk(digest, lengthBytes, start, target);
      // Another thread may write to shared memory after it was verified.
      if (lengthBytes <= CHUNK_BYTES_MAX && target.buffer instanceof ArrayBuffer)
        this.#chunks.add(digest, target);
      return;
    }
    // Who reads a part of a chunk reads the others too.
    const bytes = Buffer.allocUnsafe(lengthBytes);
    this.#source.readChunk(digest, lengthBytes, 0, bytes);
    this.#chunks.add(digest, bytes);
    target.set(bytes.subarray(start, start + target.length));
  }

  readObject(digest: Buffer): Buffer {
    const key = digest.toString("latin1");
    const known = this.#objects.get(key);
    if (known !== undefined) {
      this.#objects.delete(key);
      this.#objects.set(key, known);
      return known;
    }
    const bytes = this.#source.readObject(digest);
    if (bytes.length > OBJECT_BYTES_MAX) return bytes;
    // In memory of its own: a small buffer would hold on to the pool that it is a part of.
    const own = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(own);
    this.#objects.set(key, own);
    this.#bytes += own.length;
    for (const [oldest, { length }] of this.#objects) {
      if (this.#bytes <= CACHE_BYTES_MAX) break;
      this.#objects.delete(oldest);
      this.#bytes -= length;
    }
    return own;
  }
}
