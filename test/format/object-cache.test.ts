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
    expect(objects.readObject(first)).toEqual(stored.nodes.get(first.toString("hex")));
    expect(objects.readObject(digest)).toEqual(stored.nodes.get(digest.toString("hex")));
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
