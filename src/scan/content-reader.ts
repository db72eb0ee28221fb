/**
 * Content reader: an open file's bytes become chunks in the pipeline and one content reference.
 */
import { readSync } from "node:fs";
import type { Cutter } from "../chunk/cutter.js";
import { createCutter, lookaheadMax } from "../chunk/cutter.js";
import { planCuts, wholeFileBytesMax } from "../chunk/plan-cuts.js";
import { sha256 } from "../hash/sha256.js";
import type { Content } from "../model/entry.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import { systemCalls } from "../system/system-calls.js";
import { ContentListBuilder } from "../tree/content-list.js";
import type { ChunkSink } from "./chunk-pipeline.js";
import { ChunkPipeline } from "./chunk-pipeline.js";
import type { KnownChunks } from "./known-chunks.js";

/** Memory for reading into: two halves of this, so that one fills while the other is asked about. */
const HALF_WINDOW_BYTES = 2 * 1024 * 1024;
/** Of the window that is enough for a few small files, which is all that most scans read: 4 MiB and a WebAssembly instance take 1 ms. */
const SMALL_HALF_WINDOW_BYTES = 2 * wholeFileBytesMax;
/** Files from this size on lie in phase in packs; smaller ones are packed densely and put inline into images. */
export const PHASED_BYTES_MIN = 4096;
/** Holes are skipped unread in steps of this: whatever the cutter allows. */
const SKIP_STEP_BYTES = 16_384;

/** The bytes of one file. */
export interface ByteSource {
  /** Reads from a position on until the range of the target is full or the file ends, and returns how many bytes. */
  read(target: Buffer, start: number, end: number, position: number): number;
  /** Returns where the next bytes that are not in a hole of the file are, at or behind a position, where it tells. */
  dataFrom(position: number): number | undefined;
  /**
   * Whether so many bytes can be read from a position on by now; otherwise it is asked again after the next yield. Bytes
   * that are there from the start need not have this.
   */
  isReady?(position: number, count: number): boolean;
}

/** What reading one file gave. */
export interface ReadContent {
  readonly content: Content;
  /** Bytes that were read, fewer than the file's size where it has holes or shrank. */
  readonly bytesRead: number;
  /** Whether exactly `sizeBytes` bytes were there: otherwise the file changed meanwhile. */
  readonly complete: boolean;
}

/** Reads one file after the other in one thread. */
export class ContentReader {
  readonly #known: KnownChunks;
  readonly #sink: ChunkSink;
  /** Made when a small window was used up, or a file is to be cut. */
  #cutter: Cutter | undefined;
  #pipeline: ChunkPipeline;
  #fileCount = 0;

  constructor(known: KnownChunks, sink: ChunkSink) {
    this.#known = known;
    this.#sink = sink;
    const window = Buffer.allocUnsafeSlow(2 * SMALL_HALF_WINDOW_BYTES);
    this.#pipeline = new ChunkPipeline(window, known, sink);
  }

  /**
   * Reads a file from its start; yields after each part of a large one, for others to get a turn.
   *
   * @param file an open descriptor, its bytes, or where else they are
   * @param sizeBytes its size by stat; a file that has grown or shrunk since is told by `complete`
   */
  *read(
    file: number | Uint8Array | ByteSource,
    sizeBytes: number,
    isSparse: boolean,
  ): Generator<void, ReadContent> {
    const source = sourceOf(file);
    if (sizeBytes === 0) return this.#readEmpty(source);
    return sizeBytes <= wholeFileBytesMax
      ? this.#readWhole(source, sizeBytes)
      : yield* this.#readCut(source, sizeBytes, isSparse);
  }

  /** Returns once everything that was read is stored. */
  flush(): void {
    this.#pipeline.flush();
  }

  #readEmpty(source: ByteSource): ReadContent {
    const grown = source.read(GROWTH_PROBE, 0, 1, 0) > 0;
    return { content: { form: "empty" }, bytesRead: 0, complete: !grown };
  }

  /** Returns the cutter, whose window the pipeline has from then on. */
  #withCutter(): Cutter {
    if (this.#cutter === undefined) {
      this.#pipeline.flush();
      this.#cutter = createCutter({ windowBytes: 2 * HALF_WINDOW_BYTES });
      this.#pipeline = new ChunkPipeline(this.#cutter.window, this.#known, this.#sink);
    }
    return this.#cutter;
  }

  #readWhole(source: ByteSource, sizeBytes: number): ReadContent {
    if (!this.#pipeline.hasRoom(sizeBytes + 1)) this.#withCutter();
    const window = this.#pipeline.window;
    // One byte more than the size tells a file that has grown.
    const start = this.#pipeline.reserve(sizeBytes + 1);
    const bytesRead = source.read(window, start, start + sizeBytes + 1, 0);
    if (bytesRead !== sizeBytes) return { content: { form: "empty" }, bytesRead, complete: false };
    const digest = sha256(window.subarray(start, start + sizeBytes));
    const place =
      sizeBytes >= PHASED_BYTES_MIN ? { file: this.#fileCount++, offset: 0 } : undefined;
    this.#pipeline.add(start, sizeBytes, digest, CHUNK_KINDS.data, place);
    return { content: { form: "chunk", digest }, bytesRead, complete: true };
  }

  *#readCut(
    source: ByteSource,
    sizeBytes: number,
    isSparse: boolean,
  ): Generator<void, ReadContent> {
    const file = this.#fileCount++;
    const cutter = this.#withCutter();
    const pipeline = this.#pipeline;
    const window = cutter.window;
    // List nodes are held back until the file's end: among its chunks they would break their row.
    const nodes: { bytes: Buffer; digest: Buffer }[] = [];
    const list = new ContentListBuilder({
      putListNode: (bytes, digest) => nodes.push({ bytes, digest }),
    });
    let offset = 0; // Of the next piece in the file.
    let start = pipeline.reserve(lookaheadMax);
    let end = start; // Of what was read into the window.
    let bytesRead = 0;
    let begun = false;
    while (offset < sizeBytes) {
      const wanted = Math.min(pipeline.end - end, sizeBytes - offset - (end - start));
      const position = offset + (end - start);
      while (source.isReady?.(position, wanted) === false) yield;
      const count = source.read(window, end, end + wanted, position);
      bytesRead += count;
      end += count;
      if (count < wanted) return { content: { form: "empty" }, bytesRead, complete: false };
      if (!begun) cutter.begin(planCuts(sizeBytes, window.subarray(start, end)));
      begun = true;
      const final = offset + (end - start) === sizeBytes;
      for (
        let piece = cutter.next(start, end, final);
        piece !== 0;
        piece = cutter.next(start, end, final)
      ) {
        if (piece > 0) {
          const digest = sha256(window.subarray(start, start + piece));
          pipeline.add(start, piece, digest, CHUNK_KINDS.data, { file, offset });
          list.add(piece, digest);
        } else {
          list.addHole(-piece);
        }
        start += Math.abs(piece);
        offset += Math.abs(piece);
        if (piece < 0 && isSparse && start === end) {
          const skipped = skipHole(cutter, source, offset, sizeBytes);
          if (skipped > 0) list.addHole(skipped);
          offset += skipped;
        }
        if (start === end) break;
      }
      if (offset === sizeBytes) break;
      // What is left of the window moves to the front of its other half.
      const rest = end - start;
      pipeline.submit();
      const next = pipeline.reserve(lookaheadMax);
      window.copyWithin(next, start, end);
      start = next;
      end = next + rest;
      yield;
    }
    const grown = source.read(GROWTH_PROBE, 0, 1, sizeBytes) > 0;
    const digest = list.finish();
    for (const node of nodes) pipeline.addBytes(node.bytes, node.digest, CHUNK_KINDS.list);
    return { content: { form: "list", digest }, bytesRead, complete: !grown };
  }
}

const GROWTH_PROBE = Buffer.alloc(1);

/** Returns how many bytes of a hole that starts at an offset need not be read; the cutter has skipped them. */
function skipHole(cutter: Cutter, source: ByteSource, offset: number, sizeBytes: number): number {
  const data = source.dataFrom(offset) ?? offset;
  const hole =
    data >= sizeBytes
      ? sizeBytes - offset
      : Math.floor((data - offset) / SKIP_STEP_BYTES) * SKIP_STEP_BYTES;
  if (hole > 0) cutter.skipZeros(hole);
  return hole;
}

function sourceOf(file: number | Uint8Array | ByteSource): ByteSource {
  if (typeof file === "number") return new DescriptorBytes(file);
  return file instanceof Uint8Array ? new MemoryBytes(file) : file;
}

/** Bytes in memory. */
class MemoryBytes implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(target: Buffer, start: number, end: number, position: number): number {
    const there = this.#bytes.subarray(position, position + end - start);
    target.set(there, start);
    return there.length;
  }

  /** It has no holes that it knows of. */
  dataFrom(position: number): number {
    return position;
  }
}

/** The bytes of an open file. */
class DescriptorBytes implements ByteSource {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(target: Buffer, start: number, end: number, position: number): number {
    let at = start;
    while (at < end) {
      const count = readSync(this.#descriptor, target, at, end - at, position + (at - start));
      if (count === 0) break;
      at += count;
    }
    return at - start;
  }

  dataFrom(position: number): number | undefined {
    const system = systemCalls();
    if ("unavailable" in system) return undefined;
    return system.seekData(this.#descriptor, position) ?? Number.POSITIVE_INFINITY;
  }
}
