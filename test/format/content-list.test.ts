import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import { ContentListBuilder, contentItems } from "#dist/tree/content-list.js";
import { contentExtents, readContent } from "#dist/tree/content-reader.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { MemoryObjects } from "./memory-objects.js";
import { referenceList } from "./reference-shape.js";

/** A piece of a file: of a hole where it says so. */
const piece = fc.record({ length: fc.integer({ min: 1, max: 300 }), isHole: fc.boolean() });
const pieces = fc.array(piece, { minLength: 1, maxLength: 400 });

test("a list is that of the format, however its holes come", () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 100 }), (list, holeStep) => {
      const objects = new MemoryObjects();
      const builder = new ContentListBuilder(objects);
      for (const [index, { length, isHole }] of list.entries()) {
        if (!isHole) builder.add(length, digestOf(index));
        else
          for (let at = 0; at < length; at += holeStep)
            builder.addHole(Math.min(holeStep, length - at));
      }
      const nodes = new Map<string, Buffer>();
      const expected = referenceList(merged(list), nodes);
      expect(builder.finish()).toEqual(expected);
      expect([...objects.nodes.keys()].sort()).toEqual([...nodes.keys()].sort());
    }),
  );
});

test("a list of many levels is that of the format", () => {
  const objects = new MemoryObjects();
  const builder = new ContentListBuilder(objects);
  const items = Array.from({ length: 40_000 }, (_, index) => {
    return { lengthBytes: BigInt(1 + (index % 7)), digest: digestOf(index) };
  });
  for (const { lengthBytes, digest } of items) builder.add(Number(lengthBytes), digest);
  const list = builder.finish();
  expect(list).toEqual(referenceList(items));
  expect(objects.readObject(list)[1]).toBeGreaterThanOrEqual(2);
  const found = [...contentItems(objects, list)].map((item) => item.digest.toString("hex"));
  expect(found).toEqual(items.map((item) => item.digest.toString("hex")));
});

test("holes without end keep to the format: no digest ends their nodes", () => {
  const objects = new MemoryObjects();
  const builder = new ContentListBuilder(objects);
  const items = Array.from({ length: 1_000 }, (_, index) => {
    return { lengthBytes: 5n, digest: index % 2 === 0 ? Buffer.alloc(32) : uncut(index) };
  });
  for (const { digest } of items) {
    if (digest.equals(Buffer.alloc(32))) builder.addHole(5);
    else builder.add(5, digest);
  }
  expect(builder.finish()).toEqual(referenceList(items));
});

test("any range of a list is that range of the file", () => {
  const range = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(pieces, fc.array(range, { minLength: 1, maxLength: 10 }), (list, ranges) => {
      const objects = new MemoryObjects();
      const builder = new ContentListBuilder(objects);
      const parts: Buffer[] = [];
      for (const [index, { length, isHole }] of list.entries()) {
        const bytes = isHole ? Buffer.alloc(length) : seededBytes(`part ${index}`, length);
        parts.push(bytes);
        if (isHole) builder.addHole(length);
        else builder.add(length, objects.put(bytes));
      }
      const file = Buffer.concat(parts);
      const content = { form: "list", digest: builder.finish() } as const;
      for (const [a, b] of ranges) {
        const [start = 0, end = 0] = [a, b]
          .map((part) => Math.floor(part * (file.length + 1)))
          .sort((x, y) => x - y);
        const read = Buffer.concat([...readContent(objects, content, file.length, start, end)]);
        expect(read.equals(file.subarray(start, end))).toBe(true);
        for (const extent of contentExtents(objects, content, file.length, start, end)) {
          expect(extent.offset).toBeLessThan(end);
          expect(extent.offset + extent.lengthBytes).toBeGreaterThan(start);
        }
      }
    }),
  );
});

test("a range reads one node of each level, and two where it crosses", () => {
  const objects = new MemoryObjects();
  const builder = new ContentListBuilder(objects);
  for (let index = 0; index < 20_000; index++) builder.add(10, digestOf(index));
  const list = builder.finish();
  const levels = objects.readObject(list)[1]! + 1;
  for (const start of [0, 99_995, 150_000, 199_990]) {
    objects.reads = 0;
    expect([...contentItems(objects, list, start, start + 10)].length).toBeLessThanOrEqual(2);
    expect(objects.reads).toBeLessThanOrEqual(2 * levels - 1);
  }
});

/** What the builder makes of pieces: holes that follow one another are one. */
function merged(list: readonly { length: number; isHole: boolean }[]) {
  const items: { lengthBytes: bigint; digest: Buffer }[] = [];
  for (const [index, { length, isHole }] of list.entries()) {
    const last = items.at(-1);
    if (isHole && last?.digest.equals(Buffer.alloc(32)) === true)
      last.lengthBytes += BigInt(length);
    else
      items.push({
        lengthBytes: BigInt(length),
        digest: isHole ? Buffer.alloc(32) : digestOf(index),
      });
  }
  return items;
}

function digestOf(index: number): Buffer {
  return sha256(Buffer.from(`item ${index}`));
}

/** A digest at which no node ends. */
function uncut(index: number): Buffer {
  return digestOf(index).fill(0xff, 0, 4);
}
