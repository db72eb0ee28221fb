/**
 * Content sink: bytes of files in overlays become chunks.
 */
import type { Keep } from "../catalog/hold-table.js";
import { wholeFileBytesMax } from "../chunk/plan-cuts.js";
import type { Content } from "../model/entry.js";
import type { ChunkSink } from "../scan/chunk-pipeline.js";
import { NO_SINK, NOTHING_NEW } from "../scan/chunk-pipeline.js";
import type { ByteSource } from "../scan/content-reader.js";
import { ContentReader } from "../scan/content-reader.js";
import type { KnownChunks } from "../scan/known-chunks.js";
import { putWholeFile } from "../scan/put-whole-file.js";
import type { ChunkSource } from "../tree/content-reader.js";
import type { FileContent } from "./file-content.js";

export class ContentSink {
  readonly #objects: ChunkSource;
  readonly #known: KnownChunks;
  readonly #chunks: ChunkSink;
  #reader: ContentReader | undefined;
  /** What was put, with what it became. */
  readonly #put = new Map<FileContent, Content>();
  #bytesRead = 0;

  constructor(objects: ChunkSource, known: KnownChunks, chunks: ChunkSink) {
    this.#objects = objects;
    this.#known = known;
    this.#chunks = chunks;
  }

  /** Returns a sink that stores nothing, and tells what contents would become. */
  static ofNothing(objects: ChunkSource): ContentSink {
    return new ContentSink(objects, NOTHING_NEW, NO_SINK);
  }

  /** Bytes that were looked at. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** How many files were looked at. */
  get filesRead(): number {
    return this.#put.size;
  }

  /** Returns what a content is when it is stored; yields now and then where it is long. */
  *put(content: FileContent): Generator<void, Content> {
    const known = this.#put.get(content);
    if (known !== undefined) return known;
    const { sizeBytes } = content;
    const stored =
      sizeBytes <= wholeFileBytesMax ? this.#putWhole(content) : yield* this.#putCut(content);
    this.#put.set(content, stored);
    this.#bytesRead += sizeBytes;
    return stored;
  }

  /** Has all that was put in the hands of the chunk sink. */
  flush(): void {
    this.#reader?.flush();
  }

  /**
   * Has the contents let go of their memory, now that they are stored.
   *
   * @param keepOf returns what keeps a stored content
   */
  settle(keepOf: (stored: Content) => Keep | undefined): void {
    for (const [content, stored] of this.#put) content.settle(stored, keepOf(stored));
  }

  #putWhole(content: FileContent): Content {
    const { sizeBytes } = content;
    if (sizeBytes === 0) return { form: "empty" };
    const bytes = Buffer.allocUnsafe(sizeBytes);
    content.read(this.#objects, bytes, 0);
    return putWholeFile(bytes, this.#known, this.#chunks);
  }

  *#putCut(content: FileContent): Generator<void, Content> {
    this.#reader ??= new ContentReader(this.#known, this.#chunks);
    const objects = this.#objects;
    const source: ByteSource = {
      read: (target, start, end, position) =>
        content.read(objects, target.subarray(start, end), position),
      dataFrom: (position) => content.dataFrom(position),
    };
    const { content: stored } = yield* this.#reader.read(source, content.sizeBytes, true);
    return stored;
  }
}
