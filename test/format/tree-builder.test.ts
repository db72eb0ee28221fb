import assert from "node:assert/strict";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeEntry, recordName } from "#dist/tree/entry-codec.js";
import { NODE_TYPES } from "#dist/tree/node-codec.js";
import type { TreeRecord } from "#dist/tree/tree-builder.js";
import { buildTree } from "#dist/tree/tree-builder.js";
import type { RecordDifference } from "#dist/tree/tree-reader.js";
import { differingRecords, findRecord, treeRecords } from "#dist/tree/tree-reader.js";
import { MemoryObjects } from "./memory-objects.js";
import { nameHash, referenceTree } from "./reference-shape.js";

/** Names by number, and for each a value that makes its record another one. */
type Model = Map<string, { value: number; target: number }>;

const name = fc.integer({ min: 0, max: 900 }).map((number) => `name ${number}`);
const value = fc.record({
  value: fc.integer({ min: 0, max: 3 }),
  // Some so long that their bytes end a leaf.
  target: fc.oneof(
    { weight: 19, arbitrary: fc.constant(10) },
    { weight: 1, arbitrary: fc.constant(30_000) },
  ),
});
const model: fc.Arbitrary<Model> = fc
  .array(fc.tuple(name, value), { maxLength: 600, size: "max" })
  .map((pairs) => new Map(pairs));

test("a tree is that of the format", () => {
  fc.assert(
    fc.property(model, (entries) => {
      const objects = new MemoryObjects();
      const records = recordsOf(entries);
      const tree = buildTree(NODE_TYPES.entries, records, objects);
      const nodes = new Map<string, Buffer>();
      const expected = referenceTree(NODE_TYPES.entries, shapesOf(records), nodes);
      expect(tree.digest).toEqual(expected.digest);
      expect(tree.stateDigest).toEqual(expected.stateDigest);
      expect([tree.entryCount, tree.totalBytes]).toEqual([entries.size, 7 * entries.size]);
      expect([...objects.nodes.keys()].sort()).toEqual([...nodes.keys()].sort());
    }),
    { numRuns: 25 },
  );
});

/** Places in a hash that levels 0 and 1 look at. */
const bits = (hash: number, level: number) => (hash >>> (6 * level)) & 63;

test.each<[string, (hash: number) => boolean]>([
  ["ends a leaf", (hash) => bits(hash, 0) === 0],
  ["ends a leaf and no index node", (hash) => bits(hash, 0) === 0 && bits(hash, 1) !== 0],
  ["ends a leaf and an index node", (hash) => bits(hash, 0) === 0 && bits(hash, 1) === 0],
  ["ends no leaf", (hash) => bits(hash, 0) !== 0],
  [
    "ends no leaf, and what it ends otherwise also an index node",
    (hash) => bits(hash, 0) !== 0 && bits(hash, 1) === 0,
  ],
])("a tree is that of the format where each name %s", (_, isWanted) => {
  const names: string[] = [];
  for (let number = 0; names.length < 600; number++) {
    if (isWanted(nameHash(Buffer.from(`name ${number}`)))) names.push(`name ${number}`);
  }
  for (const count of [600, 257, 256, 129, 128]) {
    const entries = new Map(names.slice(0, count).map((each) => [each, { value: 0, target: 10 }]));
    const records = recordsOf(entries);
    const tree = buildTree(NODE_TYPES.entries, records, new MemoryObjects());
    expect(tree.digest).toEqual(referenceTree(NODE_TYPES.entries, shapesOf(records)).digest);
  }
});

test("a change of times and owners leaves the state digest and the shape as they were", () => {
  fc.assert(
    fc.property(model, (entries) => {
      const [a, b] = [0, 1].map((owner) => {
        const objects = new MemoryObjects();
        const tree = buildTree(NODE_TYPES.entries, recordsOf(entries, owner), objects);
        return { ...tree, nodes: objects.nodes.size };
      });
      expect(a?.stateDigest).toEqual(b?.stateDigest);
      expect(a?.nodes).toBe(b?.nodes);
      if (entries.size > 0) expect(a?.digest).not.toEqual(b?.digest);
    }),
    { numRuns: 25 },
  );
});

test("iterating gives every record in order, finding gives the same, and nothing else is found", () => {
  fc.assert(
    fc.property(model, (entries) => {
      const objects = new MemoryObjects();
      const records = recordsOf(entries);
      const { digest } = buildTree(NODE_TYPES.entries, records, objects);
      expect(texts(treeRecords(objects, digest))).toEqual(
        texts(records.map((each) => each.record)),
      );
      for (let number = 0; number <= 900; number += 17) {
        const key = Buffer.from(`name ${number}`);
        const expected = records.find((each) => each.name.equals(key))?.record;
        const found = findRecord(objects, digest, key);
        assert(found === undefined ? expected === undefined : expected?.equals(found));
        assert(findRecord(objects, digest, Buffer.concat([key, Buffer.from("!")])) === undefined);
      }
      expect(findRecord(objects, digest, Buffer.from("a"))).toBeUndefined();
    }),
    { numRuns: 25 },
  );
});

test("differingRecords() tells what a comparison of all records tells", () => {
  const edits = fc.array(fc.tuple(name, fc.option(value, { nil: undefined })), { maxLength: 30 });
  fc.assert(
    fc.property(model, edits, (before, changes) => {
      const after = new Map(before);
      for (const [key, change] of changes) {
        if (change === undefined) after.delete(key);
        else after.set(key, change);
      }
      const objects = new MemoryObjects();
      const [a, b] = [recordsOf(before), recordsOf(after)];
      const [from, to] = [a, b].map(
        (records) => buildTree(NODE_TYPES.entries, records, objects).digest,
      );
      expect(pairs(differingRecords(objects, from, to))).toEqual(pairs(naiveDifference(a, b)));
      expect(pairs(differingRecords(objects, undefined, to))).toEqual(
        pairs(naiveDifference([], b)),
      );
      expect(pairs(differingRecords(objects, from, undefined))).toEqual(
        pairs(naiveDifference(a, [])),
      );
      objects.reads = 0;
      expect([...differingRecords(objects, from, from)]).toEqual([]);
      expect(objects.reads).toBe(0);
    }),
    { numRuns: 25 },
  );
});

describe("of 100,000 entries", () => {
  const objects = new MemoryObjects();
  let base: TreeRecord[] = [];
  let digest: Buffer;

  beforeAll(() => {
    const names = Array.from({ length: 100_000 }, (_, number) => `package-${number}/index.js`);
    base = recordsOf(new Map(names.map((each) => [each, { value: 0, target: 30 }])));
    digest = buildTree(NODE_TYPES.entries, base, objects).digest;
  });

  const value = { value: 1, target: 30 };
  const changes: Record<string, (at: number) => [removed: TreeRecord[], added: TreeRecord[]]> = {
    changed: (at) => [[base[at]!], [recordOf(String(base[at]!.name), value)]],
    removed: (at) => [[base[at]!], []],
    added: (at) => [[], [recordOf(`${base[at - 1]!.name}+`, value)]],
  };

  test.each(Object.entries(changes))(
    "one %s rewrites at most 64 KiB, and a difference reads little",
    (_, change) => {
      for (const place of [12_345, 99_999]) {
        const [removed, added] = change(place);
        const records = base.toSpliced(place, removed.length, ...added);
        const written = new MemoryObjects();
        const tree = buildTree(NODE_TYPES.entries, records, written);
        let newBytes = 0;
        for (const [key, bytes] of written.nodes) {
          if (!objects.nodes.has(key)) newBytes += bytes.length;
          objects.nodes.set(key, bytes);
        }
        expect(newBytes).toBeGreaterThan(0);
        expect(newBytes).toBeLessThanOrEqual(65_536);
        objects.reads = 0;
        const difference = pairs(differingRecords(objects, digest, tree.digest));
        expect(difference).toEqual(pairs(naiveDifference(removed, added)));
        // Both trees from the top: three levels each, and a neighbour where a cut has moved.
        expect(objects.reads).toBeLessThanOrEqual(10);
      }
    },
  );
});

function recordOf(
  text: string,
  { value: mode, target }: { value: number; target: number },
  owner = 0,
): TreeRecord {
  const bytes = Buffer.from(text);
  const record = encodeEntry({
    ...{ kind: "symlink", name: bytes, mode, uid: owner, gid: 0 },
    ...{ mtimeSeconds: owner, mtimeNanoseconds: 0, xattrs: [], target: Buffer.alloc(target, "t") },
  });
  return { name: bytes, record, entryCount: 1, totalBytes: 7 };
}

function recordsOf(entries: Model, owner = 0): TreeRecord[] {
  return [...entries]
    .map(([text, each]) => recordOf(text, each, owner))
    .sort((a, b) => a.name.compare(b.name));
}

function shapesOf(records: readonly TreeRecord[]) {
  return records.map(({ name: bytes, record }) => ({
    name: bytes,
    bytes: record,
    entryCount: 1n,
    totalBytes: 7n,
  }));
}

function naiveDifference(
  before: readonly TreeRecord[],
  after: readonly TreeRecord[],
): RecordDifference[] {
  const byName = (records: readonly TreeRecord[]) =>
    new Map(records.map(({ record }) => [recordName(record).toString("latin1"), record]));
  const [a, b] = [byName(before), byName(after)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !(a.get(key)?.equals(b.get(key) ?? Buffer.alloc(0)) ?? false))
    .sort((x, y) => Buffer.compare(Buffer.from(x, "latin1"), Buffer.from(y, "latin1")))
    .map((key) => [a.get(key), b.get(key)]);
}

/** As text, which is compared in no time. */
function texts(records: Iterable<Buffer>): string[] {
  return [...records].map((record) => record.toString("latin1"));
}

function pairs(differences: Iterable<RecordDifference>): (string | undefined)[] {
  return [...differences].flatMap((pair) => pair.map((record) => record?.toString("latin1")));
}
