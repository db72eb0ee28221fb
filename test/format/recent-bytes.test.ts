import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentBytes } from "#dist/hash/recent-bytes.js";
import { sha256 } from "#dist/hash/sha256.js";
import { seededBytes } from "../chunk/seeded-bytes.js";

const digestOf = (key: number) => sha256(Buffer.from(`key ${key}`));

test("what comes back is what was added last for that digest, or nothing", () => {
  let found = 0;
  const digests = Array.from({ length: 41 }, (_, key) => digestOf(key));
  const step = fc.record({
    key: fc.nat(40),
    length: fc.oneof(fc.nat(60), fc.nat(1_100)),
    fill: fc.nat(255),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 200 }),
      fc.constantFrom(4, 64),
      (steps, slots) => {
        const recent = new RecentBytes(1_024, slots);
        const added = new Map<number, Buffer>();
        for (const { key, length, fill } of steps) {
          const bytes = Buffer.alloc(length, fill);
          const fits = length + 36 <= 1_024;
          recent.add(digests[key]!, bytes);
          if (fits) {
            added.set(key, bytes);
            expect(recent.get(digests[key]!)?.equals(bytes)).toBe(true);
          }
          for (const [other, known] of added) {
            const got = recent.get(digests[other]!);
            if (got === undefined) continue;
            found++;
            if (!got.equals(known)) expect(got).toEqual(known);
          }
        }
      },
    ),
  );
  expect(found).toBeGreaterThan(100);
});

test("of what fits hardly one is not found, and what no longer fits is gone, the first one first", () => {
  const recent = new RecentBytes(1_000 * 100, 4_096);
  const bytesOf = (key: number) => seededBytes(`bytes ${key}`, 64);
  const found = (from: number, to: number) => {
    let count = 0;
    for (let key = from; key < to; key++)
      if (recent.get(digestOf(key))?.equals(bytesOf(key)) === true) count++;
    return count;
  };
  for (let key = 0; key < 1_000; key++) recent.add(digestOf(key), bytesOf(key));
  expect(found(0, 1_000)).toBeGreaterThan(950);
  for (let key = 1_000; key < 1_500; key++) recent.add(digestOf(key), bytesOf(key));
  expect(found(0, 500)).toBe(0);
  expect(found(500, 1_500)).toBeGreaterThan(950);
});

test("what was added is a copy", () => {
  const recent = new RecentBytes(1_024, 64);
  const bytes = Buffer.from("before");
  recent.add(digestOf(1), bytes);
  bytes.fill("x");
  expect(recent.get(digestOf(1))?.toString()).toBe("before");
});
