/**
 * New objects: a tree that was built and not stored, in memory over what is stored.
 */
import { DIGEST_BYTES } from "../model/digest.js";
import { isDirectory } from "./entry-codec.js";
import type { EncodedNode } from "./node-codec.js";
import { decodeNode, NODE_TYPES } from "./node-codec.js";
import type { NodeSink } from "./tree-builder.js";
import type { ObjectSource } from "./tree-reader.js";

export class NewObjects implements NodeSink, ObjectSource {
  readonly #stored: ObjectSource;
  /** By digest, as Latin-1. */
  readonly #nodes = new Map<string, EncodedNode>();

  constructor(stored: ObjectSource) {
    this.#stored = stored;
  }

  putNode(node: EncodedNode): void {
    this.#nodes.set(node.digest.toString("latin1"), node);
  }

  /** Hands out the nodes of a tree that are not stored, also those below its directories; children before their parents. */
  putTree(tree: Buffer, sink: NodeSink): void {
    this.#put(tree.toString("latin1"), sink);
  }

  #put(key: string, sink: NodeSink): void {
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    const { type, records } = decodeNode(node.bytes);
    for (const record of records) {
      // The records of nodes and of directories end with the digest of what is below them.
      if (type === NODE_TYPES.index || (type === NODE_TYPES.entries && isDirectory(record)))
        this.#put(record.toString("latin1", record.length - DIGEST_BYTES), sink);
    }
    sink.putNode(node);
  }

  readObject(digest: Buffer): Buffer {
    return this.#nodes.get(digest.toString("latin1"))?.bytes ?? this.#stored.readObject(digest);
  }
}
