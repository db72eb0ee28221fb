/**
 * Directory index: stored directories, ready to be asked for names. What was read is kept, as far as memory allows: programs
 * ask for the same directories again and again.
 */
import type { Entry } from "../model/entry.js";
import { LEVELS_MAX } from "../model/limits.js";
import { decodeEntry, recordName } from "./entry-codec.js";
import { decodeChild, NODE_TYPES } from "./node-codec.js";
import type { ObjectSource } from "./tree-reader.js";
import { readNode } from "./tree-reader.js";

/** Of the nodes that are kept, as they are stored: some 80,000 entries, four times as much in memory. */
const NODE_BYTES_MAX = 8 * 1024 * 1024;

/** A node whose records are entries; these are decoded when they are asked for. */
interface Leaf {
  readonly level: 0;
  /** As Latin-1, in the order of their bytes. */
  readonly names: readonly string[];
  readonly entries: Map<string, Entry | Buffer>;
  readonly bytes: number;
  wasUsed: boolean;
}

interface Branch {
  readonly level: number;
  readonly firstNames: readonly string[];
  readonly digests: readonly Buffer[];
  readonly bytes: number;
  wasUsed: boolean;
}

const indexes = new WeakMap<ObjectSource, DirectoryIndex>();

export class DirectoryIndex {
  readonly #objects: ObjectSource;
  /**
   * By digest, as Latin-1. Where they get too many the first ones go; one that was asked for since it came or became the last
   * one becomes the last one instead, which costs less than to move it each time.
   */
  readonly #nodes = new Map<string, Leaf | Branch>();
  #bytes = 0;

  private constructor(objects: ObjectSource) {
    this.#objects = objects;
  }

  /** Returns the index of a source of objects; the same one for all who ask. */
  static of(objects: ObjectSource): DirectoryIndex {
    let index = indexes.get(objects);
    if (index === undefined) indexes.set(objects, (index = new DirectoryIndex(objects)));
    return index;
  }

  /**
   * Returns what a name is in a tree, or `undefined`.
   *
   * @param name as Latin-1
   * @throws {CoppiceError} CORRUPT
   */
  find(tree: Buffer, name: string): Entry | undefined {
    let node = this.#node(tree, LEVELS_MAX + 1);
    while ("digests" in node) {
      const child = childOf(node, name);
      if (child === undefined) return undefined;
      node = this.#node(child, node.level);
    }
    const found = node.entries.get(name);
    if (!Buffer.isBuffer(found)) return found;
    const entry = decodeEntry(found);
    node.entries.set(name, entry);
    return entry;
  }

  /** Returns the names in a tree, as Latin-1, in the order of their bytes. Nobody may change what is returned. */
  names(tree: Buffer, levelsAbove = LEVELS_MAX + 1): readonly string[] {
    const node = this.#node(tree, levelsAbove);
    if (!("digests" in node)) return node.names;
    const all: string[] = [];
    for (const digest of node.digests)
      for (const name of this.names(digest, node.level)) all.push(name);
    return all;
  }

  #node(digest: Buffer, levelsAbove: number): Leaf | Branch {
    const key = digest.toString("latin1");
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.wasUsed = true;
      return known;
    }
    const decoded = readNode(this.#objects, digest, levelsAbove);
    const bytes = decoded.records.reduce((sum, record) => sum + record.length, 0);
    const node =
      decoded.type === NODE_TYPES.index ? branchOf(decoded, bytes) : leafOf(decoded, bytes);
    this.#nodes.set(key, node);
    this.#bytes += bytes;
    for (const [oldest, each] of this.#nodes) {
      if (this.#bytes <= NODE_BYTES_MAX) break;
      this.#nodes.delete(oldest);
      if (each.wasUsed) {
        each.wasUsed = false;
        this.#nodes.set(oldest, each);
      } else {
        this.#bytes -= each.bytes;
      }
    }
    return node;
  }
}

function leafOf({ records }: { readonly records: readonly Buffer[] }, bytes: number): Leaf {
  const names = records.map((record) => recordName(record).toString("latin1"));
  return {
    level: 0,
    names,
    entries: new Map(names.map((name, at) => [name, records[at]!])),
    bytes,
    wasUsed: false,
  };
}

function branchOf(
  { level, records }: { readonly level: number; readonly records: readonly Buffer[] },
  bytes: number,
): Branch {
  const children = records.map((record) => decodeChild(record));
  const firstNames = children.map(({ firstName }) => firstName.toString("latin1"));
  return {
    level,
    firstNames,
    digests: children.map(({ digest }) => digest),
    bytes,
    wasUsed: false,
  };
}

/** Returns the last child that does not start behind the name. */
function childOf({ firstNames, digests }: Branch, name: string): Buffer | undefined {
  let low = 0;
  let high = firstNames.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firstNames[middle]! <= name) low = middle + 1;
    else high = middle;
  }
  return digests[low - 1];
}
