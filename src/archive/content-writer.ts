/**
 * Content writer: files of an archive become chunks while they come in.
 */
import { wholeFileBytesMax } from "../chunk/plan-cuts.js";
import { sha256 } from "../hash/sha256.js";
import type { Content } from "../model/entry.js";
import type { ChunkKind } from "../pack/chunk-location.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import type { ChunkSink } from "../scan/chunk-pipeline.js";
import { ContentReader, PHASED_BYTES_MIN } from "../scan/content-reader.js";
import type { KnownChunks } from "../scan/known-chunks.js";
import type { EntryBody } from "./bytes/entry-body.js";

/** One number for all files that are one chunk: chunks of theirs never follow one another in a file. */
const WHOLE_FILE = -1;

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
    if (sizeBytes <= wholeFileBytesMax && !body.isSparse) return this.#append(body.takeWhole());
    this.#reader ??= new ContentReader(this.#known, this.#chunks);
    const { content } = yield* this.#reader.read(body, sizeBytes, body.isSparse);
    return content;
  }

  /** Has all that was written in the hands of the chunk sink. */
  flush(): void {
    this.#reader?.flush();
  }

  #append(bytes: Buffer): Content {
    const digest = sha256(bytes);
    if (this.#known.claim(digest)()[0] === 1) {
      const place = bytes.length >= PHASED_BYTES_MIN ? { file: WHOLE_FILE, offset: 0 } : undefined;
      this.#chunks.append(bytes, digest, CHUNK_KINDS.data as ChunkKind, place);
    }
    return { form: "chunk", digest };
  }
}
