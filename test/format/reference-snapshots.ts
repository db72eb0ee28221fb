/**
 * Lists the snapshots of a store from its packs alone, as the three FORMAT documents describe them. On the
 * way every digest, sum and cut is computed anew and compared.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ListedEntry, TreeListing } from "../fixtures/list-tree.mjs";
import type { ReferenceEntry, ReferenceRecord } from "./reference-objects.js";
import {
  readChild,
  readEntry,
  readLinkGroup,
  readListNode,
  readNode,
  readRoot,
} from "./reference-objects.js";
import type { ReferenceTree, ShapeItem } from "./reference-shape.js";
import { referenceList, referenceTree } from "./reference-shape.js";

/** src/snapshot/FORMAT.md, section 1. */
export interface ReferenceSnapshot {
  readonly coppice: string;
  readonly version: number;
  readonly id: string;
  readonly digest: string;
  readonly stateDigest: string;
  readonly parents: readonly string[];
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: string;
  readonly filter: { readonly exclude: readonly string[]; readonly gitignore: boolean };
  readonly createdMs: number;
  readonly entryCount: number;
  readonly totalBytes: number;
}

/** Stored objects by their digests in hexadecimal. */
type Objects = ReadonlyMap<string, Buffer>;

const keys =
  "coppice version id digest stateDigest parents name labels source filter createdMs entryCount totalBytes";
const noObject = Buffer.alloc(32);

/** Returns the snapshot of a record's bytes. */
export function readSnapshotRecord(bytes: Buffer): ReferenceSnapshot {
  const record = JSON.parse(bytes.toString()) as ReferenceSnapshot;
  assert.equal(Object.keys(record).join(" "), keys);
  assert.deepEqual([record.coppice, record.version], ["snapshot", 1]);
  assert.equal(JSON.stringify(record), bytes.toString());
  assert.match(record.id, /^[0-9abcdefghjkmnpqrstvwxyz]{16}$/);
  return record;
}

/** Returns what a snapshot holds, with the SHA-256 of each file's bytes. */
export function listSnapshot(objects: Objects, snapshot: ReferenceSnapshot): TreeListing {
  const bytes = objectOf(objects, Buffer.from(snapshot.digest.slice("sha256:".length), "hex"));
  const { links, record } = readRoot(bytes);
  const root = readEntry(record);
  assert(root.kind === "directory" && root.name.length === 0);
  const state = Buffer.concat([Buffer.from("8300000001000000", "hex"), links, record.state]);
  assert.equal(snapshot.stateDigest, `sha256:${sha256(state)}`);
  const sums = [Number(root.entryCount), Number(root.totalBytes)];
  assert.deepEqual([snapshot.entryCount, snapshot.totalBytes], sums);

  const entries: ListedEntry[] = [listed("", root, objects)];
  listDirectory(objects, Buffer.alloc(0), root, entries);
  entries.sort((a, b) => Buffer.compare(latin1(a.path), latin1(b.path)));
  return { entries, links: listLinks(objects, links, entries) };
}

function listDirectory(
  objects: Objects,
  path: Buffer,
  directory: ReferenceEntry,
  entries: ListedEntry[],
): void {
  const records = treeRecords(objects, directory.tree!);
  const children = records.map(readEntry);
  const tree = referenceTree(
    1,
    children.map((child, index) => ({
      name: child.name,
      bytes: records[index]!.bytes,
      entryCount: 1n + (child.entryCount ?? 0n),
      totalBytes: child.totalBytes ?? child.sizeBytes ?? 0n,
    })),
  );
  assertTree(tree, directory.tree!);
  assert(tree.stateDigest.equals(directory.stateTree!));
  assert.equal(tree.entryCount, directory.entryCount);
  assert.equal(tree.totalBytes, directory.totalBytes);
  for (const child of children) {
    assert(child.name.length > 0);
    const childPath =
      path.length === 0 ? child.name : Buffer.concat([path, latin1("/"), child.name]);
    entries.push(listed(childPath.toString("latin1"), child, objects));
    if (child.kind === "directory") listDirectory(objects, childPath, child, entries);
  }
}

/** Section 6: entries of one group are equal but for their names. */
function listLinks(objects: Objects, links: Buffer, entries: readonly ListedEntry[]): string[][] {
  if (links.equals(noObject)) return [];
  const records = treeRecords(objects, links);
  const groups = records.map(readLinkGroup);
  const tree = referenceTree(
    4,
    groups.map((paths, index) => {
      return { name: paths[0]!, bytes: records[index]!.bytes, entryCount: 1n, totalBytes: 0n };
    }),
  );
  assertTree(tree, links);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return groups.map((group) => {
    const paths = group.map((path) => path.toString("latin1"));
    const members = paths.map((path) => ({ ...byPath.get(path)!, path: "" }));
    for (const member of members) assert.deepEqual(member, members[0]);
    return paths;
  });
}

/** All records of a tree, in order: names rise, also from node to node. */
export function treeRecords(objects: Objects, tree: Buffer): ReferenceRecord[] {
  const node = readNode(objectOf(objects, tree));
  if (node.type !== 2) return [...node.records];
  const children = node.records.map(readChild);
  return children.flatMap((child, index) => {
    assert(index === 0 || children[index - 1]!.firstName.compare(child.firstName) < 0);
    assert.equal(readNode(objectOf(objects, child.digest)).level, node.level - 1);
    return treeRecords(objects, child.digest);
  });
}

function listed(path: string, entry: ReferenceEntry, objects: Objects): ListedEntry {
  const { kind, mode, uid, gid, mtimeNs, xattrs, sizeBytes, target, device } = entry;
  return {
    path,
    kind,
    mode: mode.toString(8),
    owner: `${uid}:${gid}`,
    mtimeNs: String(mtimeNs),
    ...(sizeBytes === undefined
      ? {}
      : { sizeBytes: Number(sizeBytes), sha256: sha256(contentOf(objects, entry)) }),
    ...(target === undefined ? {} : { target: target.toString("latin1") }),
    ...(device === undefined ? {} : { device: device.join(":") }),
    ...(xattrs.length === 0
      ? {}
      : {
          xattrs: Object.fromEntries(
            xattrs.map(([name, value]) => [name.toString("latin1"), value.toString("hex")]),
          ),
        }),
  };
}

function contentOf(objects: Objects, { form, content, sizeBytes }: ReferenceEntry): Buffer {
  if (form === "empty") return Buffer.alloc(0);
  const bytes =
    form === "chunk"
      ? objectOf(objects, content!)
      : Buffer.concat(
          listPieces(objects, content!).map(({ lengthBytes, digest }) => {
            if (digest.equals(noObject)) return Buffer.alloc(Number(lengthBytes));
            assert.equal(objectOf(objects, digest).length, Number(lengthBytes));
            return objectOf(objects, digest);
          }),
        );
  assert.equal(BigInt(bytes.length), sizeBytes);
  return bytes;
}

/** Section 7. */
export function listPieces(objects: Objects, list: Buffer): ShapeItem[] {
  const pieces = (digest: Buffer, levelMax: number): ShapeItem[] => {
    const { level, items } = readListNode(objectOf(objects, digest));
    assert(level <= levelMax);
    if (level === 0) return items;
    return items.flatMap((item) => {
      const below = pieces(item.digest, level - 1);
      assert.equal(
        below.reduce((sum, each) => sum + each.lengthBytes, 0n),
        item.lengthBytes,
      );
      return below;
    });
  };
  const found = pieces(list, 64);
  const isHole = (item: ShapeItem | undefined) => item?.digest.equals(noObject) === true;
  assert(!found.some((item, index) => isHole(item) && isHole(found[index - 1])));
  assert(referenceList(found).equals(list));
  return found;
}

function assertTree(tree: ReferenceTree, digest: Buffer): void {
  assert.equal(tree.digest.toString("hex"), digest.toString("hex"));
}

function objectOf(objects: Objects, digest: Buffer): Buffer {
  const bytes = objects.get(digest.toString("hex"));
  assert(bytes !== undefined, `no object ${digest.toString("hex")}`);
  return bytes;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
