import { expect, test } from "vitest";
import { cachedObjects } from "#dist/tree/object-cache.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { MemoryObjects } from "./memory-objects.js";

test("an object is read once while it is asked for, and again when others have driven it out", () => {
  const stored = new MemoryObjects();
  const digests = Array.from({ length: 100 }, (_, number) =>
    stored.put(Buffer.from(seededBytes(`object ${number}`, 60_000))),
  );
  const objects = cachedObjects(stored);
  expect(cachedObjects(stored)).toBe(objects);
  const [first, second] = digests as [Buffer, Buffer];
  for (const digest of digests) {
    for (const each of [first, digest])
      expect(objects.readObject(each).equals(stored.nodes.get(each.toString("hex"))!)).toBe(true);
  }
  expect(stored.reads).toBe(digests.length);
  // 4 MiB hold 69 of them: the second one has gone, the first one has not.
  objects.readObject(first);
  expect(stored.reads).toBe(digests.length);
  objects.readObject(second);
  expect(stored.reads).toBe(digests.length + 1);
});

test("a large object is not kept", () => {
  const stored = new MemoryObjects();
  const objects = cachedObjects(stored);
  const digest = stored.put(Buffer.alloc(1024 * 1024));
  for (const _ of [1, 2]) expect(objects.readObject(digest)).toHaveLength(1024 * 1024);
  expect(stored.reads).toBe(2);
});

test("a small chunk of a file is read once, whole or in parts, and a large one once where it is read in parts", () => {
  const stored = new MemoryObjects();
  const objects = cachedObjects(stored);
  const read = (digest: Buffer, bytes: Buffer, start: number, length: number) => {
    const target = Buffer.alloc(length);
    objects.readChunk(digest, bytes.length, start, target);
    expect(target.equals(bytes.subarray(start, start + length))).toBe(true);
    // What is the caller's is nobody else's.
    target.fill(0);
  };
  for (const [size, wholeReads] of [
    [4_096, 1],
    [65_536, 3],
  ] as const) {
    const bytes = seededBytes(`chunk ${size}`, size);
    const digest = stored.put(Buffer.from(bytes));
    const before = stored.reads;
    for (const _ of [1, 2, 3]) read(digest, bytes, 0, size);
    expect(stored.reads - before).toBe(wholeReads);
    for (const start of [0, 1, 2_000]) read(digest, bytes, start, 1_000);
    read(digest, bytes, 0, size);
    expect(stored.reads - before).toBe(size === 4_096 ? 1 : 4);
  }
});

test("chunks of files drive out no objects", () => {
  const stored = new MemoryObjects();
  const objects = cachedObjects(stored);
  const node = stored.put(Buffer.from("a node"));
  objects.readObject(node);
  const target = Buffer.alloc(16_384);
  for (let number = 0; number < 2_000; number++) {
    const digest = stored.put(Buffer.alloc(target.length, `chunk ${number} `));
    objects.readChunk(digest, target.length, 0, target);
  }
  const before = stored.reads;
  objects.readObject(node);
  expect(stored.reads).toBe(before);
});
