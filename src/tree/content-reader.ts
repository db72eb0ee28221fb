/**
 * Content reader: a stored file's bytes, whole or in ranges.
 */

import { NO_DIGEST } from "../model/digest.js";
import type { Content } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import type { ContentItem } from "./content-list.js";
import { contentItems } from "./content-list.js";
import type { ObjectSource } from "./tree-reader.js";

/** Where the bytes of stored files come from. */
export interface ChunkSource extends ObjectSource {
  /**
   * Reads bytes of a file's chunk into memory of the caller's, once all of the chunk is verified against its checksum. Where
   * it fails, what is in that memory means nothing.
   *
   * @param lengthBytes of the chunk
   * @param start the first byte; as many as the target has are read, and must be there
   * @throws {CoppiceError} CORRUPT, IO, STORE_CLOSED
   */
  readChunk(digest: Buffer, lengthBytes: number, start: number, target: Uint8Array): void;
}

/** A run of a file's bytes at an offset: a chunk, or a hole where the digest is all zero. */
export type Extent = ContentItem & { readonly offset: number };

/** Yields the chunks and holes of a content that touch a range, in file order. */
export function* contentExtents(
  source: ObjectSource,
  content: Content,
  sizeBytes: number,
  start = 0,
  end = sizeBytes,
): Generator<Extent> {
  if (content.form === "chunk") yield { lengthBytes: sizeBytes, digest: content.digest, offset: 0 };
  else if (content.form === "list") yield* contentItems(source, content.digest, start, end);
}

/** Returns whether an extent is a hole: zeros that are not stored. */
export function isHole(extent: Pick<Extent, "digest">): boolean {
  return extent.digest.equals(NO_DIGEST);
}

/**
 * Reads a range of a content into memory of the caller's, as `readChunk` does.
 *
 * @param start the first byte; as many as the target has are read
 * @throws {CoppiceError} CORRUPT, also where it has not that many
 */
export function readRange(
  source: ChunkSource,
  content: Content,
  sizeBytes: number,
  start: number,
  target: Uint8Array,
): void {
  if (target.length === 0) return;
  if (content.form === "chunk") {
    source.readChunk(content.digest, sizeBytes, start, target);
    return;
  }
  const end = start + target.length;
  let reached = start;
  for (const extent of contentExtents(source, content, sizeBytes, start, end)) {
    const from = Math.max(start, extent.offset);
    reached = Math.min(end, extent.offset + extent.lengthBytes);
    const part = target.subarray(from - start, reached - start);
    if (isHole(extent)) part.fill(0);
    else source.readChunk(extent.digest, extent.lengthBytes, from - extent.offset, part);
  }
  if (reached === end) return;
  throw new CoppiceError(
    "CORRUPT",
    `Cannot read bytes up to ${end} of a file: its content ends after ${reached}`,
  );
}

/** Yields a range of a content in pieces of at most 1 MiB; each piece is the caller's. */
export function* readContent(
  source: ObjectSource,
  content: Content,
  sizeBytes: number,
  start: number,
  end: number,
): Generator<Buffer> {
  for (const extent of contentExtents(source, content, sizeBytes, start, end)) {
    const from = Math.max(start, extent.offset);
    const to = Math.min(end, extent.offset + extent.lengthBytes);
    if (isHole(extent)) {
      for (let at = from; at < to; at += PIECE_BYTES)
        yield Buffer.alloc(Math.min(PIECE_BYTES, to - at));
    } else {
      const bytes = source.readObject(extent.digest);
      yield bytes.subarray(from - extent.offset, to - extent.offset);
    }
  }
}

const PIECE_BYTES = 1024 * 1024;
