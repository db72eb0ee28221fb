/**
 * Tree reader: records of a tree in order, by name, and where two trees differ.
 */

import type { Entry } from "../model/entry.js";
import { CoppiceError } from "../model/error.js";
import { LEVELS_MAX } from "../model/limits.js";
import { decodeEntry, recordName } from "./entry-codec.js";
import type { DecodedNode, NodeChild } from "./node-codec.js";
import { decodeChild, decodeNode, NODE_TYPES } from "./node-codec.js";
import { differingNodes } from "./node-difference.js";

/** Where stored objects come from. */
export interface ObjectSource {
  /**
   * Returns the bytes of an object, verified against its checksum.
   *
   * @throws {CoppiceError} NOT_FOUND, CORRUPT
   */
  readObject(digest: Buffer): Buffer;
}

/** Yields the records of a tree in the order of their names. Reads one node at a time. */
export function* treeRecords(
  source: ObjectSource,
  tree: Buffer,
  levelsAbove = LEVELS_MAX + 1,
): Generator<Buffer> {
  const node = readNode(source, tree, levelsAbove);
  if (node.type !== NODE_TYPES.index) yield* node.records;
  else
    for (const record of node.records)
      yield* treeRecords(source, decodeChild(record).digest, node.level);
}

/** Returns the records of a tree in the order of their names. As `treeRecords`, all at once, in half the time. */
export function allRecords(
  source: ObjectSource,
  tree: Buffer,
  levelsAbove = LEVELS_MAX + 1,
): readonly Buffer[] {
  const node = readNode(source, tree, levelsAbove);
  if (node.type !== NODE_TYPES.index) return node.records;
  return node.records.flatMap((record) => [
    ...allRecords(source, decodeChild(record).digest, node.level),
  ]);
}

/** Yields the entries of a directory's tree in the order of their names. */
export function* treeEntries(source: ObjectSource, tree: Buffer): Generator<Entry> {
  for (const record of treeRecords(source, tree)) yield decodeEntry(record);
}

/** Returns the record of a name in a tree, or `undefined`. Reads one node of each level. */
export function findRecord(source: ObjectSource, tree: Buffer, name: Buffer): Buffer | undefined {
  let digest = tree;
  for (let levelsAbove = LEVELS_MAX + 1; ; ) {
    const node = readNode(source, digest, levelsAbove);
    levelsAbove = node.level;
    if (node.type !== NODE_TYPES.index)
      return node.records.find((record) => recordName(record).equals(name));
    let child: NodeChild | undefined;
    for (const record of node.records) {
      const next = decodeChild(record);
      if (next.firstName.compare(name) > 0) break;
      child = next;
    }
    if (child === undefined) return undefined;
    digest = child.digest;
  }
}

/** Returns the entry that a path leads to from another one, or `undefined`. */
export function findEntry(
  source: ObjectSource,
  from: Entry | undefined,
  names: Iterable<Buffer>,
): Entry | undefined {
  let entry = from;
  for (const name of names) {
    if (entry?.kind !== "directory") return undefined;
    const record = findRecord(source, entry.tree, name);
    entry = record === undefined ? undefined : decodeEntry(record);
  }
  return entry;
}

/** A record that two trees do not share: in one alone, or in both with different bytes. */
export type RecordDifference = readonly [before: Buffer | undefined, after: Buffer | undefined];

/**
 * Yields the records in which two trees differ, in the order of their names.
 *
 * Nodes that both trees share are skipped unread: the cost is the differing records times the depth.
 *
 * @param before `undefined` for a tree without records
 * @param after `undefined` for a tree without records
 * @param nameOf the bytes by which the trees' records are ordered
 */
export function* differingRecords(
  source: ObjectSource,
  before: Buffer | undefined,
  after: Buffer | undefined,
  nameOf: (record: Buffer) => Buffer = recordName,
): Generator<RecordDifference> {
  const left = new Cursor(source, before);
  const right = new Cursor(source, after);
  for (;;) {
    const a = left.item;
    const b = right.item;
    if (a === undefined && b === undefined) return;
    // Most of what stands beside each other is the same: its bytes tell so without decoding them.
    if (a !== undefined && b !== undefined && a.isNode === b.isNode && a.record.equals(b.record)) {
      left.advance();
      right.advance();
      continue;
    }
    if (a?.child !== undefined && b?.child !== undefined && a.child.digest.equals(b.child.digest)) {
      left.advance();
      right.advance();
    } else if (a?.child !== undefined && b?.child !== undefined && startAlike(a, b)) {
      left.openBeside(right);
    } else if (a?.child !== undefined && (b?.child === undefined || startsFirst(a, b))) {
      left.open();
    } else if (b?.child !== undefined) {
      right.open();
    } else {
      const order =
        a === undefined ? 1 : b === undefined ? -1 : nameOf(a.record).compare(nameOf(b.record));
      if (order < 0) yield [a?.record, undefined];
      else if (order > 0) yield [undefined, b?.record];
      else if (a !== undefined && b !== undefined && !a.record.equals(b.record))
        yield [a.record, b.record];
      if (order <= 0) left.advance();
      if (order >= 0) right.advance();
    }
  }
}

class CursorItem {
  /** Of the node; -1 for a record. */
  readonly level: number;
  /** The record; of a node, how its parent refers to it; of the tree's highest one, its digest. */
  readonly record: Buffer;
  #child: Pick<NodeChild, "firstName" | "digest"> | undefined;

  constructor(level: number, record: Buffer) {
    this.level = level;
    this.record = record;
  }

  get isNode(): boolean {
    return this.level >= 0;
  }

  /** The node, where it is one. */
  get child(): Pick<NodeChild, "firstName" | "digest"> | undefined {
    if (!this.isNode) return undefined;
    return (this.#child ??=
      this.level === LEVELS_MAX
        ? { firstName: EMPTY, digest: this.record }
        : decodeChild(this.record));
  }
}

/** Whether what is in two nodes begins at the same place. */
function startAlike(a: CursorItem, b: CursorItem): boolean {
  return a.level === b.level && a.child?.firstName.equals(b.child?.firstName ?? EMPTY) === true;
}

/** Of two unopened nodes, the one to open is the higher one, and among equals the one that starts earlier. */
function startsFirst(a: CursorItem, b: CursorItem): boolean {
  if (a.level !== b.level || a.child === undefined || b.child === undefined)
    return a.level > b.level;
  return a.child.firstName.compare(b.child.firstName) <= 0;
}

/** Walks a tree's nodes and records, opening nodes only when told to. */
class Cursor {
  readonly #source: ObjectSource;
  /** What is still to come, the next one last. */
  readonly #pending: CursorItem[] = [];

  constructor(source: ObjectSource, tree: Buffer | undefined) {
    this.#source = source;
    if (tree !== undefined) this.#pending.push(new CursorItem(LEVELS_MAX, tree));
  }

  get item(): CursorItem | undefined {
    return this.#pending.at(-1);
  }

  advance(): void {
    this.#pending.pop();
  }

  open(): void {
    const { digest, levelsAbove } = this.#takeNode();
    this.#push(readNode(this.#source, digest, levelsAbove));
  }

  /** Opens a node and that of another cursor that begins with the same name, but for what both have at their ends. */
  openBeside(other: Cursor): void {
    const [own, others] = [this.#takeNode(), other.#takeNode()];
    const [a, b] = differingNodes(
      this.#source.readObject(own.digest),
      this.#source.readObject(others.digest),
    );
    this.#push(fallen(a, own.levelsAbove));
    other.#push(fallen(b, others.levelsAbove));
  }

  #takeNode(): { digest: Buffer; levelsAbove: number } {
    const item = this.#pending.pop();
    if (item?.child === undefined) throw new Error("Only a node can be opened");
    return { digest: item.child.digest, levelsAbove: item.level + 1 };
  }

  #push(node: DecodedNode): void {
    for (let index = node.records.length - 1; index >= 0; index--) {
      const record = node.records[index] as Buffer;
      const isNode = node.type === NODE_TYPES.index;
      this.#pending.push(new CursorItem(isNode ? node.level - 1 : -1, record));
    }
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * Returns a node.
 *
 * @param levelsAbove the level of its parent: levels fall, so that no damage makes a tree endless
 * @throws {CoppiceError} CORRUPT
 */
export function readNode(
  source: ObjectSource,
  digest: Buffer,
  levelsAbove = LEVELS_MAX + 1,
): DecodedNode {
  return fallen(decodeNode(source.readObject(digest)), levelsAbove);
}

/** Checks that a node is lower than its parent. */
function fallen(node: DecodedNode, levelsAbove: number): DecodedNode {
  if (node.level >= levelsAbove)
    throw new CoppiceError("CORRUPT", "Cannot read tree: its levels do not fall");
  return node;
}
