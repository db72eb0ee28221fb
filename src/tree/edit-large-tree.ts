/**
 * Edit large tree: only the nodes in which something is another are read and made anew. The others are taken over
 * as they stand.
 *
 * The result is the one that `buildTree` gives (T1). Cutting goes from left to right and begins afresh behind each
 * node: a node that begins where one ended before, and of which nothing is another, ends where it ended before. So the
 * tree is walked once a level; a node is opened where an edit falls into it, or where the one before it has not ended.
 */
import { CoppiceError } from "../model/error.js";
import type { RecordEdits } from "./edit-tree.js";
import { recordName } from "./entry-codec.js";
import type { DecodedNode, NodeChild } from "./node-codec.js";
import { decodeChild, NODE_TYPES } from "./node-codec.js";
import type { NodeSink, TreeSummary } from "./tree-builder.js";
import { cutsAt, IndexCutter, LeafCutter, NODE_RECORDS_MAX, nameHash } from "./tree-cutter.js";
import type { ObjectSource } from "./tree-reader.js";
import { readNode } from "./tree-reader.js";
import { treeRecord } from "./tree-record.js";

/** A node of the tree before. */
interface KeptNode {
  readonly isKept: true;
  readonly level: number;
  readonly child: NodeChild;
  /** As it stands in its parent. */
  readonly record: Buffer | undefined;
  /** The name at which the next node begins; `undefined` for the last one of its level. */
  readonly nameEnd: Buffer | undefined;
  /** Whether its end hash ends its parent, as far as that is seen from where it stood. */
  readonly endsParent: boolean | undefined;
}

/** A node that was made. */
interface MadeNode {
  readonly isKept: false;
  readonly level: number;
  readonly child: NodeChild;
  readonly endHash: () => number;
}

type Node = KeptNode | MadeNode;

interface Edit {
  readonly name: Buffer;
  readonly record: Buffer | undefined;
}

/**
 * Returns the tree that some edits make of another.
 *
 * @param base of more than SINGLE_LEAF_RECORDS_MAX records, of which more than that stay
 * @param edits one at least
 * @throws {CoppiceError} CORRUPT
 */
export function editLargeTree(
  objects: ObjectSource,
  base: Buffer,
  edits: RecordEdits,
  sink: NodeSink,
): TreeSummary {
  const sorted = [...edits].map(([name, record]) => ({
    name: Buffer.from(name, "latin1"),
    record,
  }));
  sorted.sort((a, b) => a.name.compare(b.name));
  const editor = new Editor(objects, sink);
  let nodes = editor.leaves(base, sorted);
  for (let level = 1; nodes.length > 1; level++) nodes = editor.index(level, nodes);
  const [root] = nodes;
  if (root === undefined) throw new Error("A tree that stays large has a node");
  return editor.lowest(root).child;
}

class Editor {
  readonly #objects: ObjectSource;
  readonly #sink: NodeSink;

  constructor(objects: ObjectSource, sink: NodeSink) {
    this.#objects = objects;
    this.#sink = sink;
  }

  /** Returns leaves that were made, and between them nodes of any level that stay. */
  leaves(base: Buffer, edits: readonly Edit[]): Node[] {
    const nodes: Node[] = [];
    const cutter = new LeafCutter(NODE_TYPES.entries, true, this.#sink);
    const pending = [rootOf(base, readNode(this.#objects, base).level)];
    let next = 0;
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const first = next;
      while (next < edits.length && isBefore(edits[next] as Edit, node.nameEnd)) next++;
      if (next === first && cutter.isEmpty) nodes.push(node);
      else if (node.level > 0) {
        next = first;
        pending.push(...this.#children(node).reverse());
      } else {
        const { records } = this.#read(node);
        for (const record of edited(records, edits.slice(first, next))) {
          const leaf = cutter.add(treeRecord(record));
          if (leaf !== undefined) nodes.push(madeLeaf(leaf));
        }
      }
    }
    if (!cutter.isEmpty) nodes.push(madeLeaf(cutter.finish()));
    return nodes;
  }

  /** Returns the nodes of a level, some of which may stay as part of a higher one. */
  index(level: number, below: readonly Node[]): Node[] {
    const nodes: Node[] = [];
    const cutter = new IndexCutter(level, this.#sink);
    const pending = [...below].reverse();
    let last: Node | undefined;
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.isKept && node.level >= level) {
        if (cutter.isEmpty) nodes.push(node);
        else pending.push(...this.#children(node).reverse());
        continue;
      }
      const child = (last = node);
      const made = cutter.add(
        child.child,
        () => this.#endsParent(child),
        child.isKept ? child.record : undefined,
      );
      if (made !== undefined) nodes.push(this.#made(level, made, child));
    }
    if (!cutter.isEmpty) nodes.push(this.#made(level, cutter.finish(), last as Node));
    return nodes;
  }

  /** Returns the lowest node that is all of a tree: the last nodes of their levels may have one child. */
  lowest(root: Node): Node {
    let node = root;
    while (node.isKept && node.level > 0) {
      const children = this.#children(node);
      if (children.length > 1) break;
      node = children[0] as KeptNode;
    }
    return node;
  }

  #made(level: number, child: NodeChild, last: Node): MadeNode {
    return { isKept: false, level, child, endHash: () => this.#endHash(last) };
  }

  #endsParent(node: Node): boolean {
    if (node.isKept && node.endsParent !== undefined) return node.endsParent;
    return cutsAt(this.#endHash(node), node.level + 1);
  }

  /** That of its last leaf; not of the tree's last one, which may have none. Reads a node of each level below. */
  #endHash(node: Node): number {
    if (!node.isKept) return node.endHash();
    if (node.level > 0) return this.#endHash(this.#children(node).at(-1) as KeptNode);
    const last = this.#read(node).records.at(-1);
    if (last === undefined) throw damaged("a leaf without records");
    return nameHash(recordName(last));
  }

  #children(parent: KeptNode): KeptNode[] {
    const { records } = this.#read(parent);
    const children = records.map(decodeChild);
    const isFull = children.length >= NODE_RECORDS_MAX;
    return children.map((child, index): KeptNode => {
      const isLast = index === children.length - 1;
      // What ends a node is its last child's hash, unless it is full or the last one. A lone first child ends nothing.
      const endsParent =
        index === 0
          ? undefined
          : !isLast
            ? false
            : isFull || parent.nameEnd === undefined
              ? undefined
              : true;
      return {
        isKept: true,
        level: parent.level - 1,
        child,
        record: records[index],
        nameEnd: isLast ? parent.nameEnd : (children[index + 1] as NodeChild).firstName,
        endsParent,
      };
    });
  }

  #read({ child, level }: KeptNode): DecodedNode {
    const node = readNode(this.#objects, child.digest);
    if (node.level !== level || (level > 0 && node.records.length === 0))
      throw damaged(`a node of level ${node.level} and ${node.records.length} records`);
    return node;
  }
}

function rootOf(digest: Buffer, level: number): KeptNode {
  const unknown = { entryCount: 0, totalBytes: 0, stateDigest: digest };
  const child = { firstName: Buffer.alloc(0), digest, ...unknown };
  return {
    isKept: true,
    level,
    child,
    record: undefined,
    nameEnd: undefined,
    endsParent: undefined,
  };
}

function madeLeaf({ child, endHash }: { child: NodeChild; endHash: number }): MadeNode {
  return { isKept: false, level: 0, child, endHash: () => endHash };
}

function isBefore({ name }: Edit, end: Buffer | undefined): boolean {
  return end === undefined || name.compare(end) < 0;
}

/** Yields a leaf's records with some edits made, both in the order of their names. */
function* edited(records: readonly Buffer[], edits: readonly Edit[]): Generator<Buffer> {
  let next = 0;
  for (const record of records) {
    const name = recordName(record);
    let order = 1;
    while (order > 0 && next < edits.length) {
      const edit = edits[next] as Edit;
      order = name.compare(edit.name);
      if (order < 0) break;
      if (edit.record !== undefined) yield edit.record;
      next++;
    }
    if (order !== 0) yield record;
  }
  for (const { record } of edits.slice(next)) if (record !== undefined) yield record;
}

function damaged(what: string): CoppiceError {
  return new CoppiceError("CORRUPT", `Cannot edit tree: it holds ${what}`);
}
