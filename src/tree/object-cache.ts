/**
 * Object cache: the objects that were read last, in memory. What is asked for again and again is the same few: the
 * trees of the directories in which programs are at work.
 */
import type { ObjectSource } from "./tree-reader.js";

/** Some thousand nodes. */
const CACHE_BYTES_MAX = 4 * 1024 * 1024;
/** Larger ones would drive out too many others. */
const OBJECT_BYTES_MAX = CACHE_BYTES_MAX / 16;

const caches = new WeakMap<ObjectSource, ObjectCache>();

/**
 * Returns a source that keeps what it has read of another one; the same one for all who ask, so that they
 * share it. Nobody may change the bytes that it returns, or give them to a caller of the library.
 */
export function cachedObjects(source: ObjectSource): ObjectSource {
  let cache = caches.get(source);
  if (cache === undefined) caches.set(source, (cache = new ObjectCache(source)));
  return cache;
}

class ObjectCache implements ObjectSource {
  readonly #source: ObjectSource;
  /** By digest, as Latin-1; the one that was asked for last is the last one. */
  readonly #objects = new Map<string, Buffer>();
  #bytes = 0;

  constructor(source: ObjectSource) {
    this.#source = source;
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
