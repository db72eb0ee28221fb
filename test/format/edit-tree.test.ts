/** Edited trees are those that would be built anew (T1), only what is another is read and made, and told as the difference. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editTree } from "#dist/tree/edit-tree.js";
import { encodeEntry, recordName } from "#dist/tree/entry-codec.js";
import { NODE_TYPES } from "#dist/tree/node-codec.js";
import { buildTree } from "#dist/tree/tree-builder.js";
import { differingRecords, treeRecords } from "#dist/tree/tree-reader.js";
import { treeRecord } from "#dist/tree/tree-record.js";
import { MemoryObjects } from "./memory-objects.js";
import { nameHash } from "./reference-shape.js";

/** Records by name. */
type Names = Map<string, Buffer>;

const bits = (hash: number, level: number) => (hash >>> (6 * level)) & 63;
const anyName = () => true;

/** What names have in common: the levels that they end a node of, whatever else. */
const shapes: Record<string, readonly [isWanted: (hash: number) => boolean, count: number]> = {
  "as they come": [anyName, 8_000],
  "that end leaves": [(hash) => bits(hash, 0) === 0, 1_500],
  "that end no leaf": [(hash) => bits(hash, 0) !== 0, 3_000],
  // One name in 4,096.
  "that end leaves and index nodes": [(hash) => bits(hash, 0) === 0 && bits(hash, 1) === 0, 500],
  "that end leaves and no index node": [
    (hash) => bits(hash, 0) === 0 && bits(hash, 1) !== 0,
    1_500,
  ],
  "that end index nodes and no leaf": [(hash) => bits(hash, 0) !== 0 && bits(hash, 1) === 0, 1_500],
};

const edit = fc.record({
  // Where it happens, as a share of all names.
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  action: fc.constantFrom("change", "lengthen", "remove", "add", "remove many", "nothing"),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 12 });

describe.each(Object.entries(shapes))("with names %s", (_, [isWanted, countMax]) => {
  const names = namesOf(isWanted, countMax);
  const size = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 500, max: countMax }));
  // Every other name is there, the rest is there to be added.
  const baseOf = (count: number): Names =>
    new Map(
      names
        .slice(0, count)
        .flatMap((name, index) => (index % 2 === 0 ? [[name, recordOf(name, 1, 10)]] : [])),
    );

  test("an edited tree is the one that is built of all records", () => {
    fc.assert(
      fc.property(size, edits, (count, steps) => {
        const base = baseOf(count);
        const changed = editsOf(names.slice(0, count), steps);
        const objects = new MemoryObjects();
        const before = built(base, objects);
        const made = editTree(objects, before.digest, changed, objects);
        const after = edited(base, changed);
        expect(made).toMatchObject({ ...built(after, new MemoryObjects()) });
        expect([...treeRecords(objects, made.digest)]).toHaveLength(after.size);
      }),
      { numRuns: 40 },
    );
  });

  test("two trees differ in what was edited, whichever comes first", () => {
    fc.assert(
      fc.property(size, edits, (count, steps) => {
        const base = baseOf(count);
        const changed = editsOf(names.slice(0, count), steps);
        const objects = new MemoryObjects();
        const [before, after] = [built(base, objects), built(edited(base, changed), objects)];
        const expected = [...changed]
          .map(([name, record]) => [base.get(name), record] as const)
          .filter(([old, now]) =>
            old === undefined || now === undefined ? old !== now : !old.equals(now),
          )
          .sort((a, b) => nameIn(a).compare(nameIn(b)));
        const found = [...differingRecords(objects, before.digest, after.digest)];
        expect(told(found)).toEqual(told(expected));
        const back = [...differingRecords(objects, after.digest, before.digest)];
        expect(told(back)).toEqual(told(expected.map(([old, now]) => [now, old])));
      }),
      { numRuns: 20 },
    );
  });
});

test("damage that both of two nodes begin with is refused all the same", () => {
  const objects = new MemoryObjects();
  const nodes = [1, 2].map((mode) => {
    const records = new Map(
      ["a", "b"].map((name) => [name, recordOf(name, name === "a" ? 1 : mode, 10)]),
    );
    const node = Buffer.from(objects.readObject(built(records, objects).digest));
    // The first record's length.
    node.writeUInt32LE(1, 8);
    return objects.put(node);
  });
  expect(() => [...differingRecords(objects, nodes[0], nodes[1])]).toThrow(
    expect.objectContaining({ code: "CORRUPT" }),
  );
});

test("of 100,000 names, one edit reads and makes a few nodes", () => {
  const names = namesOf(anyName, 100_000);
  const base: Names = new Map(names.map((name) => [name, recordOf(name, 1, 10)]));
  const objects = new MemoryObjects();
  const before = built(base, objects);
  for (const place of [0, 12_345, 99_999]) {
    const name = names[place] as string;
    const record = place === 12_345 ? undefined : recordOf(name, 2, 10);
    const made = new MemoryObjects();
    objects.reads = 0;
    const edited = editTree(objects, before.digest, new Map([[name, record]]), made);
    const after = new Map(base);
    if (record === undefined) after.delete(name);
    else after.set(name, record);
    expect(edited).toMatchObject(built(after, new MemoryObjects()));
    expect(made.nodes.size).toBeLessThanOrEqual(5);
    expect(objects.reads).toBeLessThanOrEqual(20);
  }
});

test("a node of another level than its place is refused", () => {
  const objects = new MemoryObjects();
  const names = namesOf(anyName, 5_000);
  const { digest } = built(new Map(names.map((name) => [name, recordOf(name, 1, 10)])), objects);
  const root = objects.readObject(digest);
  const damaged = Buffer.from(root);
  damaged[1] = 7;
  const changed = new Map([[names[0] as string, recordOf(names[0] as string, 2, 10)]]);
  expect(() => editTree(objects, objects.put(damaged), changed, objects)).toThrow(
    expect.objectContaining({ code: "CORRUPT" }),
  );
});

test("a leaf that is cut short, or has another number of records than it says, is refused", () => {
  const objects = new MemoryObjects();
  const names = namesOf(anyName, 20);
  const { digest } = built(new Map(names.map((name) => [name, recordOf(name, 1, 10)])), objects);
  const leaf = objects.readObject(digest);
  const changed = new Map([[names[3] as string, recordOf(names[3] as string, 2, 10)]]);
  const refused = (bytes: Buffer) =>
    expect(() => editTree(objects, objects.put(bytes), changed, objects)).toThrow(
      expect.objectContaining({ code: "CORRUPT" }),
    );
  for (let length = 8; length < leaf.length; length++) refused(leaf.subarray(0, length));
  const miscounted = Buffer.from(leaf);
  miscounted[4] = 21;
  refused(miscounted);
});

function namesOf(isWanted: (hash: number) => boolean, count: number): string[] {
  const names: string[] = [];
  for (let number = 0; names.length < count; number++) {
    if (isWanted(nameHash(Buffer.from(`name ${number}`)))) names.push(`name ${number}`);
  }
  return names.sort();
}

function recordOf(name: string, mode: number, target: number): Buffer {
  return encodeEntry({
    ...{ kind: "symlink", name: Buffer.from(name), mode, uid: 0, gid: 0, mtimeSeconds: 0 },
    ...{ mtimeNanoseconds: 0, xattrs: [], target: Buffer.alloc(target, "t") },
  });
}

function edited(base: Names, changed: ReadonlyMap<string, Buffer | undefined>): Names {
  const after = new Map([...base, ...changed]);
  for (const [name, record] of changed) if (record === undefined) after.delete(name);
  return after as Names;
}

/** As text, which is compared faster than bytes. */
function told(differences: readonly (readonly (Buffer | undefined)[])[]): string[] {
  return differences.map((pair) => pair.map((each) => each?.toString("latin1")).join(" -> "));
}

function nameIn([old, now]: readonly (Buffer | undefined)[]): Buffer {
  return recordName((old ?? now) as Buffer);
}

function built(names: Names, objects: MemoryObjects) {
  const records = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => treeRecord(each));
  const { digest, stateDigest, entryCount, totalBytes } = buildTree(
    NODE_TYPES.entries,
    records,
    objects,
  );
  return { digest, stateDigest, entryCount, totalBytes };
}

function editsOf(
  names: readonly string[],
  steps: readonly { readonly place: number; readonly action: string }[],
): Map<string, Buffer | undefined> {
  const edits = new Map<string, Buffer | undefined>();
  for (const { place, action } of steps) {
    const index = Math.min(names.length - 1, Math.floor(place * names.length));
    const name = names[index] as string;
    if (action === "change" || action === "add") edits.set(name, recordOf(name, 2, 10));
    // Its bytes end a leaf, with those of a few others.
    else if (action === "lengthen") edits.set(name, recordOf(name, 1, 4_000));
    else if (action === "nothing") edits.set(name, recordOf(name, 1, 10));
    else if (action === "remove") edits.set(name, undefined);
    else for (const each of names.slice(index, index + 400)) edits.set(each, undefined);
  }
  return edits;
}
