/**
 * Chunk pipeline: bytes are read into a window, hashed there, asked about in batches and, where new,
 * appended to a pack. The answer for one half of the window is awaited only when the other is full,
 * so that asking costs no waiting.
 */

import { DIGEST_BYTES } from "../model/digest.js";
import type { ChunkKind } from "../pack/chunk-location.js";
import type { FilePlace } from "../pack/pack-writer.js";
import type { KnownChunks } from "./known-chunks.js";

/** Appends new chunks; a `ChunkWriter`, or nothing where a directory is only looked at. */
export interface ChunkSink {
  append(bytes: Uint8Array, digest: Buffer, kind: ChunkKind, place?: FilePlace): void;
}

interface Item {
  readonly start: number;
  readonly length: number;
  readonly digest: Buffer;
  readonly kind: ChunkKind;
  readonly place: FilePlace | undefined;
}

interface Half {
  readonly start: number;
  readonly end: number;
  used: number;
  items: Item[];
  answer: (() => Uint8Array) | undefined;
}

export class ChunkPipeline {
  readonly window: Buffer;
  readonly #known: KnownChunks;
  readonly #sink: ChunkSink;
  #current: Half;
  #other: Half;

  /** @param window memory for reading into; each chunk must fit into half of it */
  constructor(window: Buffer, known: KnownChunks, sink: ChunkSink) {
    this.window = window;
    this.#known = known;
    this.#sink = sink;
    const middle = window.length / 2;
    this.#current = { start: 0, end: middle, used: 0, items: [], answer: undefined };
    this.#other = { start: middle, end: window.length, used: middle, items: [], answer: undefined };
  }

  /** The end of the part of the window that `reserve` hands out of now. */
  get end(): number {
    return this.#current.end;
  }

  /** Whether so many bytes can be reserved without asking about what is there. */
  hasRoom(bytes: number): boolean {
    return this.#current.used + bytes <= this.#current.end;
  }

  /** Returns where in the window at least so many bytes are free; they stay free until `add`. */
  reserve(bytes: number): number {
    if (!this.hasRoom(bytes)) this.submit();
    if (!this.hasRoom(bytes)) throw new RangeError(`Half a window has no room for ${bytes} bytes`);
    return this.#current.used;
  }

  /**
   * Adds a chunk that lies in the reserved part of the window, which then ends after it.
   *
   * @param start where it starts in the window
   */
  add(start: number, length: number, digest: Buffer, kind: ChunkKind, place?: FilePlace): void {
    this.#current.items.push({ start, length, digest, kind, place });
    this.#current.used = start + length;
  }

  /** Adds a chunk that does not lie in the window; it is copied there. */
  addBytes(bytes: Uint8Array, digest: Buffer, kind: ChunkKind): void {
    const start = this.reserve(bytes.length);
    this.window.set(bytes, start);
    this.add(start, bytes.length, digest, kind);
  }

  /** Asks about what the current half holds and goes on with the other one. */
  submit(): void {
    const half = this.#current;
    if (half.items.length > 0) {
      const digests = Buffer.allocUnsafeSlow(half.items.length * DIGEST_BYTES);
      for (const [index, item] of half.items.entries()) {
        item.digest.copy(digests, index * DIGEST_BYTES);
      }
      half.answer = this.#known.claim(digests);
    }
    this.#drain(this.#other);
    this.#current = this.#other;
    this.#other = half;
  }

  /** Returns once every chunk that was added is known or appended. */
  flush(): void {
    this.submit();
    this.submit();
  }

  #drain(half: Half): void {
    const verdict = half.answer?.();
    half.items.forEach((item, index) => {
      if (verdict?.[index] !== 1) return;
      this.#sink.append(
        this.window.subarray(item.start, item.start + item.length),
        item.digest,
        item.kind,
        item.place,
      );
    });
    half.items = [];
    half.answer = undefined;
    half.used = half.start;
  }
}

/** A sink that keeps nothing, for looking at a directory without storing it. */
export const NO_SINK: ChunkSink = { append: () => undefined };

/** A `KnownChunks` for looking at a directory without storing it: nothing is new. */
export const NOTHING_NEW: KnownChunks = {
  claim: (digests) => () => new Uint8Array(digests.length / DIGEST_BYTES),
};
