import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCutter, lookaheadMax } from "#dist/chunk/cutter.js";
import { coarseGear, fineGear } from "#dist/chunk/gear-parameters.js";
import { type CutPlan, planCuts } from "#dist/chunk/plan-cuts.js";
import { feed } from "./feed.js";
import { coarse, fine, referenceGear, referencePages } from "./reference-cuts.js";
import { seededBytes, seededText } from "./seeded-bytes.js";

const implementations = ["webassembly", "javascript"] as const;

/** Files made of stretches that meet at places with no alignment, zero runs long and short among them. */
const file = fc
  .array(
    fc.oneof(
      fc.record({
        kind: fc.constant("zeros"),
        length: fc.integer({ min: 1, max: 9 }).map((blocks) => blocks * 4_096),
      }),
      fc.record({ kind: fc.constant("zeros"), length: fc.integer({ min: 1, max: 40_000 }) }),
      fc.record({
        kind: fc.constantFrom("random", "text", "ones"),
        length: fc.integer({ min: 1, max: 30_000 }),
      }),
      fc.record({
        kind: fc.constant("random"),
        length: fc.integer({ min: 1, max: 8 }).map((blocks) => blocks * 4_096),
      }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((stretches) =>
    Buffer.concat(
      stretches.map(({ kind, length }, index) => {
        if (kind === "random") return seededBytes(`stretch ${index}`, length);
        if (kind === "text") return seededText(`stretch ${index}`, length);
        return Buffer.alloc(length, kind === "ones" ? 1 : 0);
      }),
    ),
  );

const reads = fc.array(fc.integer({ min: 1_000, max: 90_000 }), { minLength: 1, maxLength: 5 });

/** Each way of cutting, with what the reference says of it. */
const ways: {
  name: string;
  plan: (sizeBytes: number) => CutPlan;
  reference: (data: Buffer) => number[];
}[] = [
  {
    name: "fine gear",
    plan: (sizeBytes) => ({ strategy: "gear", sizeBytes, parameters: fineGear }),
    reference: (data) => referenceGear(data, fine),
  },
  {
    name: "coarse gear",
    plan: (sizeBytes) => ({ strategy: "gear", sizeBytes, parameters: coarseGear }),
    reference: (data) => referenceGear(data, coarse),
  },
  {
    name: "4 KiB pages",
    plan: (sizeBytes) => ({ strategy: "pages", sizeBytes, pageBytes: 4_096, format: "test" }),
    reference: (data) => referencePages(data, 4_096),
  },
  {
    name: "16 KiB pages",
    plan: (sizeBytes) => ({ strategy: "pages", sizeBytes, pageBytes: 16_384, format: "test" }),
    reference: (data) => referencePages(data, 16_384),
  },
];

describe.each(implementations)("the %s cutter", (implementation) => {
  const small = createCutter({ windowBytes: 262_144, implementation });
  const large = createCutter({ windowBytes: 1_048_576, implementation });

  test("tells which implementation it is and gives a window of the size asked for", () => {
    expect(small.implementation).toBe(implementation);
    expect(small.window.length).toBe(262_144);
  });

  test.each(ways)(
    "$name: cuts as the reference does, however the file is fed",
    ({ plan, reference }) => {
      fc.assert(
        fc.property(file, reads, fc.boolean(), (data, sizes, skip) => {
          const expected = reference(data);
          expect(feed(large, plan(data.length), data)).toEqual(expected);
          expect(feed(small, plan(data.length), data, { reads: sizes, skip })).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(ways)(
    "$name: cuts files around each limit as the reference does",
    ({ plan, reference }) => {
      const limits = [
        0, 32, 3_072, 4_096, 5_120, 8_192, 12_288, 16_384, 20_480, 32_768, 53_248, 65_536, 81_920,
        262_144,
      ];
      for (const size of limits
        .flatMap((limit) => [limit - 1, limit, limit + 1])
        .filter((size) => size > 0)) {
        for (const data of [
          seededBytes(`limit ${size}`, size),
          Buffer.alloc(size),
          Buffer.alloc(size, 255),
        ]) {
          expect(feed(small, plan(size), data, { reads: [9_999] })).toEqual(reference(data));
        }
      }
    },
  );

  test.each(ways)("$name: a hole longer than the window is one hole", ({ plan, reference }) => {
    const data = Buffer.concat([
      seededBytes("before", 70_001),
      Buffer.alloc(900_000),
      seededBytes("after", 70_001),
    ]);
    const expected = reference(data);
    for (const skip of [false, true])
      expect(feed(small, plan(data.length), data, { skip })).toEqual(expected);
    expect(expected.filter((piece) => piece < 0)).toHaveLength(1);
  });

  test("holes: four blocks of zeros on the file's grid are one, three or unaligned ones are not", () => {
    const cut = (before: number, zeros: number, after: number) => {
      const data = Buffer.concat([
        Buffer.alloc(before, 7),
        Buffer.alloc(zeros),
        Buffer.alloc(after, 7),
      ]);
      return feed(
        small,
        { strategy: "gear", sizeBytes: data.length, parameters: fineGear },
        data,
      ).filter((piece) => piece < 0);
    };
    expect(cut(8_192, 16_384, 100)).toEqual([-16_384]);
    expect(cut(8_192, 16_383, 100)).toEqual([]);
    expect(cut(8_191, 16_384, 100)).toEqual([]);
    expect(cut(8_191, 20_000, 100)).toEqual([-16_384]);
    expect(cut(0, 16_384, 1)).toEqual([-16_384]);
    // The file's last block may be partial and still counts.
    expect(cut(8_192, 12_289, 0)).toEqual([-12_289]);
    expect(cut(8_192, 12_288, 0)).toEqual([]);
  });

  test("a file of at most 65,536 bytes is one chunk and no hole", () => {
    for (const size of [1, 4_096, 65_535, 65_536]) {
      for (const data of [Buffer.alloc(size), seededBytes("whole", size)]) {
        expect(feed(small, planCuts(size, data), data, { reads: [7_000] })).toEqual([size]);
      }
    }
    expect(feed(small, planCuts(0, Buffer.alloc(0)), Buffer.alloc(0))).toEqual([]);
  });

  test("a file ended early is cut as if it ended there", () => {
    const data = seededBytes("shrunk", 100_000);
    expect(
      feed(small, { strategy: "gear", sizeBytes: 200_000, parameters: fineGear }, data),
    ).toEqual(referenceGear(data, fine));
  });

  test("never asks for more when lookaheadMax bytes are in the window", () => {
    for (const { plan } of ways) {
      for (const data of [seededBytes("lookahead", lookaheadMax), Buffer.alloc(lookaheadMax)]) {
        data.copy(small.window);
        small.begin(plan(lookaheadMax * 2));
        expect(small.next(0, lookaheadMax, false)).not.toBe(0);
      }
    }
  });

  test("refuses what is outside the window or the file", () => {
    small.begin(planCuts(100, Buffer.alloc(100)));
    for (const [start, end] of [
      [-1, 1],
      [2, 1],
      [0, 101],
      [262_140, 262_145],
      [Number.NaN, 1],
    ] as const) {
      expect(() => small.next(start, end, false)).toThrow(RangeError);
    }
  });

  test("skipZeros refuses all but whole steps of a hole within the file", () => {
    const plan: CutPlan = { strategy: "gear", sizeBytes: 300_000, parameters: fineGear };
    small.begin(plan);
    expect(() => small.skipZeros(16_384)).toThrow(RangeError);
    small.window.fill(0);
    expect(small.next(0, 100_000, false)).toBe(-98_304);
    for (const size of [0, -16_384, 4_096, 16_385, 301_000 - 98_304, 327_680])
      expect(() => small.skipZeros(size)).toThrow(RangeError);
    small.skipZeros(16_384);
    small.skipZeros(300_000 - 98_304 - 16_384);
    expect(small.next(0, 0, true)).toBe(0);
  });
});

describe("both cutters", () => {
  test("agree on files of several windows", () => {
    const [first, second] = implementations.map((implementation) =>
      createCutter({ windowBytes: 262_144, implementation }),
    );
    for (const data of [seededBytes("long", 3_000_017), seededText("long", 3_000_017)]) {
      const pieces = feed(first!, planCuts(data.length, data), data);
      expect(
        feed(second!, planCuts(data.length, data), data, { reads: [65_536, 1, 100_000] }),
      ).toEqual(pieces);
      expect(pieces.reduce((sum, piece) => sum + Math.abs(piece), 0)).toBe(data.length);
      expect(Math.max(...pieces)).toBeLessThanOrEqual(8_192);
      expect(Math.min(...pieces.slice(0, -1))).toBeGreaterThanOrEqual(3_072);
    }
  });

  test("refuse a window that is too small, too large or no multiple of 65,536 bytes", () => {
    for (const windowBytes of [0, 196_608, 262_145, Number.NaN, 2 ** 31])
      expect(() => createCutter({ windowBytes })).toThrow(RangeError);
  });

  test("are WebAssembly unless asked otherwise", () => {
    expect(createCutter({ windowBytes: 262_144 }).implementation).toBe("webassembly");
  });
});
