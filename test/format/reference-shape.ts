/**
 * Cuts trees and content lists as src/tree/FORMAT.md describes it (sections 3, 4 and 7), all records in
 * memory, and nothing of the engine.
 */
import { createHash } from "node:crypto";

/** A record as a tree is built from it. */
export interface ShapeRecord {
  readonly name: Buffer;
  readonly bytes: Buffer;
  readonly entryCount: bigint;
  readonly totalBytes: bigint;
}

/** A tree, or a node of one. */
export interface ReferenceTree {
  readonly firstName: Buffer;
  readonly digest: Buffer;
  readonly stateDigest: Buffer;
  readonly entryCount: bigint;
  readonly totalBytes: bigint;
}

/** An item of a content list; a hole has 32 zero bytes as its digest. */
export interface ShapeItem {
  readonly lengthBytes: bigint;
  readonly digest: Buffer;
}

type EndedNode = ReferenceTree & { readonly endHash: number | undefined };

/** Returns the tree of records that stand in order, and puts each node's bytes under its digest. */
export function referenceTree(
  type: number,
  records: readonly ShapeRecord[],
  nodes = new Map<string, Buffer>(),
): ReferenceTree {
  let level = cutLeaves(type, records, nodes);
  for (let number = 1; level.length > 1; number++) level = cutIndex(number, level, nodes);
  return level[0]!;
}

function cutLeaves(
  type: number,
  records: readonly ShapeRecord[],
  nodes: Map<string, Buffer>,
): EndedNode[] {
  const leaves: EndedNode[] = [];
  let leaf: ShapeRecord[] = [];
  for (const record of records) {
    leaf.push(record);
    const hash = records.length > 128 ? nameHash(record.name) : undefined;
    const stateBytes = leaf.reduce((sum, each) => sum + stateOf(each.bytes).length, 0);
    if ((hash !== undefined && hash % 64 === 0) || leaf.length === 256 || stateBytes >= 262_144) {
      leaves.push(endNode(type, 0, leaf, hash, nodes));
      leaf = [];
    }
  }
  if (leaf.length > 0 || records.length === 0) {
    leaves.push(endNode(type, 0, leaf, undefined, nodes));
  }
  return leaves;
}

function cutIndex(
  level: number,
  children: readonly EndedNode[],
  nodes: Map<string, Buffer>,
): EndedNode[] {
  const parents: EndedNode[] = [];
  let node: EndedNode[] = [];
  for (const child of children) {
    node.push(child);
    const { endHash } = child;
    const cuts =
      level <= 4 && endHash !== undefined && Math.floor(endHash / 64 ** level) % 64 === 0;
    if ((cuts && node.length >= 2) || node.length === 256 || child === children.at(-1)) {
      parents.push(endNode(2, level, node.map(childRecord), endHash, nodes));
      node = [];
    }
  }
  return parents;
}

function childRecord(child: ReferenceTree): ShapeRecord {
  const { firstName, entryCount, totalBytes } = child;
  const state = Buffer.concat([
    u16(firstName.length),
    firstName,
    u64(entryCount),
    u64(totalBytes),
    child.stateDigest,
  ]);
  const bytes = Buffer.concat([u32(8 + state.length + 32), u32(state.length), state, child.digest]);
  return { name: firstName, bytes, entryCount, totalBytes };
}

function endNode(
  type: number,
  level: number,
  records: readonly ShapeRecord[],
  endHash: number | undefined,
  nodes: Map<string, Buffer>,
): EndedNode {
  const header = (first: number) =>
    Buffer.concat([Buffer.from([first, level, 0, 0]), u32(records.length)]);
  const bytes = Buffer.concat([header(type), ...records.map((each) => each.bytes)]);
  const state = Buffer.concat([header(type + 128), ...records.map((each) => stateOf(each.bytes))]);
  const digest = sha256(bytes);
  nodes.set(digest.toString("hex"), bytes);
  return {
    firstName: records[0]?.name ?? Buffer.alloc(0),
    digest,
    stateDigest: sha256(state),
    entryCount: records.reduce((sum, each) => sum + each.entryCount, 0n),
    totalBytes: records.reduce((sum, each) => sum + each.totalBytes, 0n),
    endHash,
  };
}

/** Returns the list of a file's pieces, and puts each node's bytes under its digest. */
export function referenceList(
  pieces: readonly ShapeItem[],
  nodes = new Map<string, Buffer>(),
): Buffer {
  let items = pieces;
  for (let level = 0; ; level++) {
    const isEnd = (item: ShapeItem) =>
      !item.digest.equals(Buffer.alloc(32)) && item.digest.readUInt32LE(4 * (level % 8)) % 16 === 0;
    const ended: ShapeItem[] = [];
    let node: ShapeItem[] = [];
    for (const item of items) {
      node.push(item);
      if ((node.length >= 8 && isEnd(item)) || node.length === 128) {
        ended.push(listNode(level, node, nodes));
        node = [];
      }
    }
    if (ended.length === 0) {
      return level > 0 && node.length === 1 ? node[0]!.digest : listNode(level, node, nodes).digest;
    }
    items = node.length === 0 ? ended : [...ended, listNode(level, node, nodes)];
  }
}

function listNode(
  level: number,
  items: readonly ShapeItem[],
  nodes: Map<string, Buffer>,
): ShapeItem {
  const bytes = Buffer.concat([
    Buffer.from([5, level, 0, 0]),
    u32(items.length),
    ...items.flatMap((each) => [u64(each.lengthBytes), each.digest]),
  ]);
  const digest = sha256(bytes);
  nodes.set(digest.toString("hex"), bytes);
  return { lengthBytes: items.reduce((sum, each) => sum + each.lengthBytes, 0n), digest };
}

function stateOf(record: Buffer): Buffer {
  return record.subarray(8, 8 + record.readUInt32LE(4));
}

/** Section 4, "Hash of a name". */
export function nameHash(name: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of name) hash = times(hash ^ byte, 0x01000193);
  hash = times(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = times(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The product modulo 2^32. */
function times(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
