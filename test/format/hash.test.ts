import fc from "fast-check";
import { expect, test } from "vitest";
import { DigestSet } from "#dist/hash/digest-set.js";
import { sha256 } from "#dist/hash/sha256.js";
import { xxh64, xxh64Of } from "#dist/hash/xxh64.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { referenceXxh64 } from "./reference-xxh64.js";

/** Digests of which many share the four bytes by which a set places them. */
const digest = fc
  .record({ place: fc.integer({ min: 0, max: 3 }), rest: fc.integer({ min: 0, max: 40 }) })
  .map(({ place, rest }) => {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32LE(place === 3 ? 0xffff_ffff : place, 0);
    bytes.writeUInt32LE(rest, 28);
    return bytes;
  });

test("a DigestSet has what a Set has", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ digest, isAdded: fc.boolean() }), { maxLength: 200 }),
      (steps) => {
        const set = new DigestSet();
        const model = new Set<string>();
        for (const step of steps) {
          const key = step.digest.toString("hex");
          if (step.isAdded)
            expect(set.add(step.digest)).toBe(!model.has(key) && model.add(key) !== undefined);
          expect(set.has(step.digest)).toBe(model.has(key));
          expect(set.size).toBe(model.size);
        }
      },
    ),
  );
});

test("a DigestSet grows, and keeps no hold on the caller's memory", () => {
  const set = new DigestSet();
  const digests = Array.from({ length: 5_000 }, (_, number) => sha256(Buffer.from(`${number}`)));
  const scratch = Buffer.alloc(32);
  for (const each of digests) {
    each.copy(scratch);
    expect(set.add(scratch)).toBe(true);
  }
  expect(set.size).toBe(5_000);
  expect(digests.every((each) => set.has(each) && !set.add(each))).toBe(true);
  expect(set.has(sha256(Buffer.from("5000")))).toBe(false);
  // Free slots are zeros: the digest that consists of them is not there for that.
  expect(set.has(Buffer.alloc(32))).toBe(false);
});

/** Values that other implementations publish: the xxHash project, the xxhash package of PyPI, the twox-hash crate. */
const vectors = {
  "": 0xef46db3751d8e999n,
  a: 0xd24ec4f1a98c6e5bn,
  abc: 0x44bc2cf5ad770999n,
  "Nobody inspects the spammish repetition": 0xfbcea83c8a378bf1n,
};

test.each(Object.entries(vectors))("xxh64(%j) is the published value", (text, hash) => {
  expect(xxh64(Buffer.from(text))).toBe(hash);
  expect(referenceXxh64(Buffer.from(text))).toBe(hash);
});

test("xxh64() is XXH64 for every length around its blocks", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = seededBytes(`xxh64 ${length}`, length);
    expect(xxh64(bytes)).toBe(referenceXxh64(bytes));
  }
  const long = seededBytes("xxh64", 300_000);
  expect(xxh64(long)).toBe(referenceXxh64(long));
});

test("xxh64Of() takes pieces as one", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8 });
  fc.assert(
    fc.property(lengths, (pieceLengths) => {
      const pieces = pieceLengths.map((length, index) => seededBytes(`piece ${index}`, length));
      expect(xxh64Of(pieces)).toBe(xxh64(Buffer.concat(pieces)));
    }),
  );
  // Longer than the slices in which it is handed on.
  const long = Buffer.alloc(2_500_001, 7);
  expect(xxh64Of([long, long.subarray(1)])).toBe(xxh64(Buffer.concat([long, long.subarray(1)])));
});
