/**
 * Content lists: the chunks of a file that is more than one chunk, as a Merkle list (see FORMAT.md,
 * "Content list"). One edit rewrites one leaf and its spine.
 */

import { sha256 } from "../hash/sha256.js";
import { DIGEST_BYTES, NO_DIGEST } from "../model/digest.js";
import { CoppiceError } from "../model/error.js";
import { LEVELS_MAX } from "../model/limits.js";
import type { ObjectSource } from "./tree-reader.js";

/** First byte of a list node. */
const LIST_NODE_TYPE = 5;
const HEADER_BYTES = 8;
/** Length (u64) and digest. */
const ITEM_BYTES = 8 + DIGEST_BYTES;
/**
 * A node ends where four bits of an item's digest are zero, and has eight items or more: 24 on average.
 * Without the minimum an edit would meet nodes of twice the average: long ones are hit more often.
 */
const CUT_MASK = 15;
const NODE_ITEMS_MIN = 8;
/** A node ends here at the latest. */
const NODE_ITEMS_MAX = 128;

/** A run of a file's bytes: a chunk, or a hole where the digest is all zero. */
export interface ContentItem {
  readonly lengthBytes: number;
  readonly digest: Buffer;
}

/** Takes finished list nodes, children before parents. */
export interface ListSink {
  putListNode(bytes: Buffer, digest: Buffer): void;
}

/** Builds a list from its items in file order. Holds at most one unfinished node a level. */
export class ContentListBuilder {
  readonly #sink: ListSink;
  /** The items of the unfinished node of each level; a level exists once something was added to it. */
  readonly #levels: ContentItem[][] = [[]];
  #holeBytes = 0;

  constructor(sink: ListSink) {
    this.#sink = sink;
  }

  /** Adds a chunk. */
  add(lengthBytes: number, digest: Buffer): void {
    this.#endHole();
    this.#push(0, lengthBytes, digest);
  }

  /** Adds a hole; holes that follow one another become one item, in however many pieces they come. */
  addHole(lengthBytes: number): void {
    this.#holeBytes += lengthBytes;
  }

  /** Returns the digest of the list's root node. The builder is used up. */
  finish(): Buffer {
    this.#endHole();
    for (let level = 0; ; level++) {
      const items = this.#levels[level] as ContentItem[];
      const isTop = level === this.#levels.length - 1;
      if (isTop && level > 0 && items.length === 1) return (items[0] as ContentItem).digest;
      if (isTop) return this.#put(level, items).digest;
      if (items.length > 0) this.#flush(level);
    }
  }

  #endHole(): void {
    if (this.#holeBytes > 0) this.#push(0, this.#holeBytes, NO_DIGEST);
    this.#holeBytes = 0;
  }

  #push(level: number, lengthBytes: number, digest: Buffer): void {
    const items = (this.#levels[level] ??= []);
    items.push({ lengthBytes, digest });
    // Levels look at different bits, or a node that ends a leaf would end its parents as well.
    const cuts =
      items.length >= NODE_ITEMS_MIN &&
      !digest.equals(NO_DIGEST) &&
      (digest.readUInt32LE((level % 8) * 4) & CUT_MASK) === 0;
    if (cuts || items.length >= NODE_ITEMS_MAX) this.#flush(level);
  }

  #flush(level: number): void {
    const { lengthBytes, digest } = this.#put(level, this.#levels[level] as ContentItem[]);
    this.#levels[level] = [];
    this.#push(level + 1, lengthBytes, digest);
  }

  #put(level: number, items: readonly ContentItem[]): ContentItem {
    const bytes = encodeListNode(level, items);
    const digest = sha256(bytes);
    this.#sink.putListNode(bytes, digest);
    return { lengthBytes: items.reduce((sum, item) => sum + item.lengthBytes, 0), digest };
  }
}

/**
 * Yields the chunks and holes of a list that touch a range, in file order, with their offsets.
 *
 * Reads only the nodes that the range touches.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function* contentItems(
  source: ObjectSource,
  list: Buffer,
  start = 0,
  end = Number.MAX_SAFE_INTEGER,
  offset = 0,
  levelsAbove = LEVELS_MAX + 1,
): Generator<ContentItem & { readonly offset: number }> {
  const { level, items } = decodeListNode(source.readObject(list));
  if (level >= levelsAbove) throw damaged("levels that do not fall");
  for (const item of items) {
    const next = offset + item.lengthBytes;
    if (offset >= end) return;
    if (next > start) {
      if (level === 0) yield { ...item, offset };
      else yield* contentItems(source, item.digest, start, end, offset, level);
    }
    offset = next;
  }
}

/** Told of a chunk or hole of a list: its length, and what its digest lies in. */
export type VisitItem = (lengthBytes: number, node: Buffer, digestAt: number) => void;

/**
 * Visits all chunks and holes of a list in file order. As `contentItems`, at a third of the cost: nothing is made for an
 * item.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function visitItems(
  source: ObjectSource,
  list: Buffer,
  visit: VisitItem,
  levelsAbove = LEVELS_MAX + 1,
): void {
  const node = source.readObject(list);
  const level = listNodeLevel(node);
  if (level >= levelsAbove) throw damaged("levels that do not fall");
  visitNodeItems(node, (lengthBytes, digestAt) => {
    if (level === 0) visit(lengthBytes, node, digestAt);
    else visitItems(source, node.subarray(digestAt, digestAt + DIGEST_BYTES), visit, level);
  });
}

/**
 * Visits the items of one list node: their lengths, where their digests stand in it, and its level; above 0 they are nodes.
 *
 * @throws {CoppiceError} CORRUPT
 */
export function visitNodeItems(
  node: Buffer,
  visit: (lengthBytes: number, digestAt: number, level: number) => void,
): void {
  const level = listNodeLevel(node);
  for (let at = HEADER_BYTES; at < node.length; at += ITEM_BYTES)
    visit(itemLength(node, at), at + 8, level);
}

/** Returns the bytes of a list node. */
function encodeListNode(level: number, items: readonly ContentItem[]): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + items.length * ITEM_BYTES);
  bytes[0] = LIST_NODE_TYPE;
  bytes[1] = level;
  bytes.writeUInt32LE(items.length, 4);
  items.forEach((item, index) => {
    const at = HEADER_BYTES + index * ITEM_BYTES;
    bytes.writeBigUInt64LE(BigInt(item.lengthBytes), at);
    bytes.set(item.digest, at + 8);
  });
  return bytes;
}

/**
 * Returns a list node's level and items; digests are views of the bytes.
 *
 * @throws {CoppiceError} CORRUPT
 */
function decodeListNode(bytes: Buffer): {
  readonly level: number;
  readonly items: ContentItem[];
} {
  const level = listNodeLevel(bytes);
  const items: ContentItem[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += ITEM_BYTES) {
    const lengthBytes = itemLength(bytes, at);
    items.push({ lengthBytes, digest: bytes.subarray(at + 8, at + ITEM_BYTES) });
  }
  return { level, items };
}

/** Returns a list node's level, once its length has been found to be right. */
function listNodeLevel(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES || bytes[0] !== LIST_NODE_TYPE) throw damaged("no list node");
  if (bytes.length !== HEADER_BYTES + bytes.readUInt32LE(4) * ITEM_BYTES)
    throw damaged("a node of the wrong length");
  return bytes[1] ?? 0;
}

function itemLength(bytes: Buffer, at: number): number {
  const lengthBytes = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
  if (lengthBytes < 1 || !Number.isSafeInteger(lengthBytes))
    throw damaged(`an item of ${lengthBytes} bytes`);
  return lengthBytes;
}

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot decode content list: it holds ${what}`);
}
