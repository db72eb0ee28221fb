/**
 * Put whole file: a small file, whose bytes are in memory, becomes one chunk.
 */
import { sha256 } from "../hash/sha256.js";
import type { Content } from "../model/entry.js";
import { CHUNK_KINDS } from "../pack/chunk-location.js";
import type { ChunkSink } from "./chunk-pipeline.js";
import { PHASED_BYTES_MIN } from "./content-reader.js";
import type { KnownChunks } from "./known-chunks.js";

/** One number for all files that are one chunk: chunks of theirs never follow one another in a file. */
const WHOLE_FILE = -1;

/** Stores a file's bytes, one at least, where they lie, unless they are stored; returns its content. */
export function putWholeFile(bytes: Buffer, known: KnownChunks, chunks: ChunkSink): Content {
  const digest = sha256(bytes);
  if (known.claim(digest)()[0] === 1) {
    const place = bytes.length >= PHASED_BYTES_MIN ? { file: WHOLE_FILE, offset: 0 } : undefined;
    chunks.append(bytes, digest, CHUNK_KINDS.data, place);
  }
  return { form: "chunk", digest };
}
