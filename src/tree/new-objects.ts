/**
 * New objects: a tree that was built and not stored, in memory over what is stored.
 */
import { decodeEntry } from "./entry-codec.js";
import type { EncodedNode } from "./node-codec.js";
import { decodeChild, decodeNode, NODE_TYPES } from "./node-codec.js";
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
    const node = this.#nodes.get(tree.toString("latin1"));
    if (node === undefined) return;
    const { type, records } = decodeNode(node.bytes);
    for (const record of records) {
      const below = type === NODE_TYPES.index ? decodeChild(record).digest : treeOf(type, record);
      if (below !== undefined) this.putTree(below, sink);
    }
    sink.putNode(node);
  }

  readObject(digest: Buffer): Buffer {
    return this.#nodes.get(digest.toString("latin1"))?.bytes ?? this.#stored.readObject(digest);
  }
}

/** Returns the tree of a record that is a directory's. */
function treeOf(type: number, record: Buffer): Buffer | undefined {
  const entry = type === NODE_TYPES.entries ? decodeEntry(record) : undefined;
  return entry?.kind === "directory" ? entry.tree : undefined;
}
