/**
 * Held chunks: what a dry run has found, and does not store.
 */
import { DigestSet } from "../../hash/digest-set.js";
import { CHUNK_KINDS, type ChunkKind } from "../../pack/chunk-location.js";
import type { ChunkSink } from "../../scan/chunk-pipeline.js";
import type { ObjectSource } from "../../tree/tree-reader.js";

/** Of the bytes of files only the digests are held. */
export class HeldChunks implements ChunkSink {
  readonly #all = new DigestSet();
  /** By digest, in Latin-1. */
  readonly #objects = new Map<string, Buffer>();

  append(bytes: Uint8Array, digest: Buffer, kind: ChunkKind): void {
    this.#all.add(digest);
    if (kind !== CHUNK_KINDS.data) this.#objects.set(digest.toString("latin1"), Buffer.from(bytes));
  }

  has(digest: Buffer): boolean {
    return this.#all.has(digest);
  }

  /** Returns what reads from these first. */
  over(objects: ObjectSource): ObjectSource {
    return {
      readObject: (digest) =>
        this.#objects.get(digest.toString("latin1")) ?? objects.readObject(digest),
    };
  }
}
