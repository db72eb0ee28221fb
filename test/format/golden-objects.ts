/**
 * What golden.json holds the bytes of: one of each kind of object, and trees and lists that are cut.
 */
import { createHash } from "node:crypto";
import type { Entry, EntryAttributes } from "#dist/model/entry.js";
import { ChunkTable } from "#dist/pack/chunk-table.js";
import { encodeIndexRecord, encodePackHeader } from "#dist/pack/pack-codec.js";
import { encodeSnapshotRecord } from "#dist/snapshot/record-codec.js";
import { ContentListBuilder } from "#dist/tree/content-list.js";
import { encodeEntry } from "#dist/tree/entry-codec.js";
import { encodeLinkGroup } from "#dist/tree/links-codec.js";
import { encodeRoot, NODE_TYPES } from "#dist/tree/node-codec.js";
import type { TreeRecord } from "#dist/tree/tree-builder.js";
import { buildTree } from "#dist/tree/tree-builder.js";

/** All nodes of a tree or list, the top one last. */
export interface GoldenTree {
  readonly nodes: readonly Buffer[];
  readonly digest: Buffer;
  readonly stateDigest?: Buffer;
}

const attributes: EntryAttributes = {
  name: Buffer.from("name"),
  mode: 0o644,
  uid: 1000,
  gid: 100,
  mtimeSeconds: 1_700_000_000,
  mtimeNanoseconds: 123_456_789,
  xattrs: [],
};

/** Entries by what is special about them. */
export const goldenEntries: Readonly<Record<string, Entry>> = {
  "empty file": { kind: "file", ...attributes, sizeBytes: 0, content: { form: "empty" } },
  "file of one chunk": {
    ...{ kind: "file", ...attributes, sizeBytes: 65_536 },
    content: { form: "chunk", digest: digestOf("chunk") },
  },
  "file of a list": {
    ...{ kind: "file", ...attributes, sizeBytes: 2 ** 53 - 1 },
    content: { form: "list", digest: digestOf("list") },
  },
  "file with extended attributes": {
    ...{ kind: "file", ...attributes, sizeBytes: 0, content: { form: "empty" } },
    xattrs: [
      { name: Buffer.from("user.a"), value: Buffer.alloc(0) },
      { name: Buffer.from("user.b"), value: Buffer.from("00ff0a", "hex") },
    ],
  },
  directory: {
    ...{ kind: "directory", ...attributes, mode: 0o1777 },
    ...{ tree: digestOf("tree"), stateTree: digestOf("state"), entryCount: 12, totalBytes: 3_456 },
  },
  "captured directory": {
    ...{ kind: "directory", ...attributes, name: Buffer.alloc(0), mode: 0o755 },
    ...{ tree: digestOf("tree"), stateTree: digestOf("state"), entryCount: 1, totalBytes: 2 },
  },
  "symbolic link": {
    kind: "symlink",
    ...attributes,
    mode: 0o777,
    target: Buffer.from("../target"),
  },
  FIFO: { kind: "fifo", ...attributes },
  "character device": { kind: "character-device", ...attributes, major: 1, minor: 3 },
  "block device": { kind: "block-device", ...attributes, major: 2 ** 32 - 1, minor: 2 ** 32 - 1 },
  "all limits": {
    kind: "fifo",
    name: Buffer.alloc(255, 0xff),
    mode: 0o7777,
    uid: 2 ** 32 - 1,
    gid: 2 ** 32 - 1,
    mtimeSeconds: -(2 ** 53 - 1),
    mtimeNanoseconds: 999_999_999,
    xattrs: [],
  },
};

/** Trees by the number of their records and what these are. */
export const goldenTrees: Readonly<Record<string, () => GoldenTree>> = {
  "no entries": () => treeOf(NODE_TYPES.entries, []),
  "3 entries": () => treeOf(NODE_TYPES.entries, entryRecords(3)),
  "128 entries": () => treeOf(NODE_TYPES.entries, entryRecords(128)),
  "129 entries": () => treeOf(NODE_TYPES.entries, entryRecords(129)),
  "10,000 entries": () => treeOf(NODE_TYPES.entries, entryRecords(10_000)),
  "70 entries with long targets": () => treeOf(NODE_TYPES.entries, longRecords(70)),
  "200 hard-link groups": () => treeOf(NODE_TYPES.links, linkRecords(200)),
};

/** Lists by what is in them: chunks are named by numbers, holes by negative lengths. */
export const goldenLists: Readonly<Record<string, () => GoldenTree>> = {
  "one hole": () => listOf([-70_000]),
  "chunks and holes": () => listOf([1, 2, -16_384, 3, -20_000, 4]),
  "5,000 chunks": () => listOf(Array.from({ length: 5_000 }, (_, number) => number)),
};

/** Objects of which there is one of a kind. */
export const goldenBytes: Readonly<Record<string, () => Buffer>> = {
  "root without links": () => rootOf(Buffer.alloc(32)).bytes,
  "root with links": () => rootOf(digestOf("links")).bytes,
  "hard-link group": () =>
    encodeLinkGroup(["a", "b/c", "b/\u00e4"].map((path) => Buffer.from(path))),
  "snapshot record": () =>
    encodeSnapshotRecord({
      id: "0123456789abcdef",
      digest: digestOf("root"),
      stateDigest: digestOf("root state"),
      parent: "abcdefghjkmnpqrs",
      mergeParents: ["tvwxyz0123456789"],
      name: 'na"me',
      labels: { b: "2", a: "\u00e4" },
      source: "/srv/app",
      filter: { exclude: ["*.log"], gitignore: true },
      createdMs: 1_700_000_000_123,
      entryCount: 3,
      totalBytes: 4_567,
    }),
  "pack header": () => encodePackHeader(pack, 1_700_000_000_123),
  "index record": () => {
    const table = new ChunkTable();
    table.add(digestOf("first"), 64, 5_000, 0, 0x0123_4567_89ab_cdefn);
    table.add(digestOf("second"), 8_192, 2 ** 26, 4, 2n ** 64n - 1n);
    return encodeIndexRecord(pack, table.bytes, 67_117_056, 64);
  },
};

const pack = { storeId: "00112233445566778899aabbccddeeff", name: "0123456789abcdef" };

/** Both digests of a root. */
export function rootOf(links: Buffer) {
  return encodeRoot(encodeEntry(goldenEntries["captured directory"]!), links);
}

/** Returns the record of a link or FIFO, as a tree takes it. */
function recordOf(entry: Entry): TreeRecord {
  return { name: entry.name, record: encodeEntry(entry), entryCount: 1, totalBytes: 0 };
}

function entryRecords(count: number): TreeRecord[] {
  const names = Array.from({ length: count }, (_, number) => Buffer.from(`entry ${number}`));
  return names.sort(Buffer.compare).map((name, index) => {
    return recordOf({ kind: "fifo", ...attributes, name, mtimeSeconds: index });
  });
}

function longRecords(count: number): TreeRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const name = Buffer.from(String(number).padStart(3, "0"));
    return recordOf({ kind: "symlink", ...attributes, name, target: Buffer.alloc(20_000, name) });
  });
}

function linkRecords(count: number): TreeRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const name = Buffer.from(`${String(number).padStart(3, "0")}/a`);
    const record = encodeLinkGroup([name, Buffer.from(`z/${number}`)]);
    return { name, record, entryCount: 1, totalBytes: 0 };
  });
}

function treeOf(type: number, records: readonly TreeRecord[]): GoldenTree {
  const nodes: Buffer[] = [];
  const { digest, stateDigest } = buildTree(type, records, {
    putNode: ({ bytes }) => nodes.push(bytes),
  });
  return { nodes, digest, stateDigest };
}

function listOf(pieces: readonly number[]): GoldenTree {
  const nodes: Buffer[] = [];
  const builder = new ContentListBuilder({ putListNode: (bytes) => nodes.push(bytes) });
  for (const piece of pieces) {
    if (piece < 0) builder.addHole(-piece);
    else builder.add(5_000 + piece, digestOf(`piece ${piece}`));
  }
  return { digest: builder.finish(), nodes };
}

/** SHA-256 of some text, where any digest will do. */
export function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
