/**
 * Content reader: a stored file's bytes, whole or in ranges.
 */

import { NO_DIGEST } from "../model/digest.js";
import type { Content } from "../model/entry.js";
import type { ContentItem } from "./content-list.js";
import { contentItems } from "./content-list.js";
import type { ObjectSource } from "./tree-reader.js";

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
