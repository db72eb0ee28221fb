/**
 * New objects: a tree that was built and not stored, in memory over what is stored.
 */
import type { EncodedNode } from "./node-codec.js";
import type { NodeSink } from "./tree-builder.js";
import type { ObjectSource } from "./tree-reader.js";

export class NewObjects implements NodeSink, ObjectSource {
  readonly #stored: ObjectSource;
  /** Bytes by digest, as Latin-1. */
  readonly #nodes = new Map<string, Buffer>();

  constructor(stored: ObjectSource) {
    this.#stored = stored;
  }

  putNode({ digest, bytes }: EncodedNode): void {
    this.#nodes.set(digest.toString("latin1"), bytes);
  }

  readObject(digest: Buffer): Buffer {
    return this.#nodes.get(digest.toString("latin1")) ?? this.#stored.readObject(digest);
  }
}
