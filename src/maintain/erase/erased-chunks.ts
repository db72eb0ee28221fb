/**
 * Erased chunks: what the erased contents lie in, and how much of that other files have too.
 */
import { DigestSet } from "../../hash/digest-set.js";
import { NO_DIGEST } from "../../model/digest.js";
import { contentExtents } from "../../tree/content-reader.js";
import type { ObjectSource } from "../../tree/tree-reader.js";
import type { FileContent } from "./file-contents.js";

/** A chunk of file data. */
interface ErasedChunk {
  readonly digest: Buffer;
  readonly lengthBytes: number;
}

export class ErasedChunks {
  /** The contents' digests as entries have them, and those of their chunks. */
  readonly digests = new DigestSet();
  readonly #objects: ObjectSource;
  readonly #chunks: ErasedChunk[] = [];

  constructor(objects: ObjectSource) {
    this.#objects = objects;
  }

  /** Adds contents that are still there; reads their lists; yields now and then. */
  *add(contents: readonly FileContent[]): Generator<void, void> {
    const seen = new DigestSet();
    for (const { content, sizeBytes } of contents) {
      this.digests.add(content.digest);
      for (const { digest, lengthBytes } of contentExtents(this.#objects, content, sizeBytes)) {
        if (digest.equals(NO_DIGEST) || !seen.add(digest)) continue;
        this.digests.add(digest);
        this.#chunks.push({ digest: Buffer.from(digest), lengthBytes });
      }
      yield;
    }
  }

  /** Returns how many bytes are gone, and how many are not. */
  weigh(isThere: (digest: Buffer) => boolean): { bytesErased: number; bytesShared: number } {
    let [bytesErased, bytesShared] = [0, 0];
    for (const { digest, lengthBytes } of this.#chunks) {
      if (isThere(digest)) bytesShared += lengthBytes;
      else bytesErased += lengthBytes;
    }
    return { bytesErased, bytesShared };
  }
}
