/**
 * Content writer: files of an archive become chunks while they come in.
 */
import { wholeFileBytesMax } from "../chunk/plan-cuts.js";
import type { Content } from "../model/entry.js";
import type { ChunkSink } from "../scan/chunk-pipeline.js";
import { ContentReader } from "../scan/content-reader.js";
import type { KnownChunks } from "../scan/known-chunks.js";
import { putWholeFile } from "../scan/put-whole-file.js";
import type { EntryBody } from "./bytes/entry-body.js";

export class ContentWriter {
  readonly #known: KnownChunks;
  readonly #chunks: ChunkSink;
  #reader: ContentReader | undefined;

  constructor(known: KnownChunks, chunks: ChunkSink) {
    this.#known = known;
    this.#chunks = chunks;
  }

  /** Returns what a file's bytes are stored as, one at least. Yields where they are not there yet. */
  *write(body: EntryBody): Generator<void, Content> {
    const { sizeBytes } = body;
    if (sizeBytes <= wholeFileBytesMax) yield* body.whenWhole();
    // Hashed and appended where it lies: most files of most archives are small.
    if (sizeBytes <= wholeFileBytesMax && !body.isSparse)
      return putWholeFile(body.takeWhole(), this.#known, this.#chunks);
    this.#reader ??= new ContentReader(this.#known, this.#chunks);
    const { content } = yield* this.#reader.read(body, sizeBytes, body.isSparse);
    return content;
  }

  /** Has all that was written in the hands of the chunk sink. */
  flush(): void {
    this.#reader?.flush();
  }
}
