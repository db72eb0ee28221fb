/**
 * Who decides whether a chunk is new: the calling thread, which holds the catalog and sees what all
 * workers write.
 */

import { DigestSet } from "../hash/digest-set.js";
import { DIGEST_BYTES } from "../model/digest.js";

/** Answers for a batch of digests at once, since a question from a worker crosses threads. */
export interface KnownChunks {
  /**
   * Claims the chunks that nobody has.
   *
   * @param digests one after the other, 32 bytes each
   * @returns a function that waits for the answer: one byte a digest, 1 where the caller must write the chunk
   */
  claim(digests: Buffer): () => Uint8Array;
}

/** Knows a chunk when the catalog has it or somebody in this capture writes it. */
export class ClaimedChunks implements KnownChunks {
  readonly #claimed = new DigestSet();
  readonly #isStored: ((digest: Buffer) => boolean) | undefined;

  /** @param isStored whether the catalog has a chunk; absent while it has none at all */
  constructor(isStored: ((digest: Buffer) => boolean) | undefined) {
    this.#isStored = isStored;
  }

  claim(digests: Buffer): () => Uint8Array {
    const verdict = new Uint8Array(digests.length / DIGEST_BYTES);
    for (let index = 0; index < verdict.length; index++) {
      const at = index * DIGEST_BYTES;
      if (this.#claimed.has(digests, at)) continue;
      if (this.#isStored?.(digests.subarray(at, at + DIGEST_BYTES)) === true) continue;
      this.#claimed.add(digests, at);
      verdict[index] = 1;
    }
    return () => verdict;
  }

  /** Claims a chunk that is not stored; returns whether nobody in this capture has. */
  take(digest: Buffer): boolean {
    return this.#claimed.add(digest);
  }
}
