import { describe, expect, test } from "vitest";
import { createCutter } from "#dist/chunk/cutter.js";
import { planCuts } from "#dist/chunk/plan-cuts.js";
import { feed } from "./feed.js";
import { seededBytes, seededText } from "./seeded-bytes.js";

const cutter = createCutter({ windowBytes: 1_048_576 });

/** The ends of the chunks of a file. */
function ends(data: Buffer): number[] {
  let at = 0;
  return feed(cutter, planCuts(data.length, data), data).map((piece) => (at += Math.abs(piece)));
}

/** The bytes in chunks of `after` that end or begin elsewhere than those of `before`, or hold the edit at `[from, to)`. */
function changedBytes(before: number[], after: number[], from: number, to: number): number {
  const kept = new Set([0, ...before]);
  let start = 0;
  let changed = 0;
  for (const end of after) {
    if (!kept.has(start) || !kept.has(end) || (start < to && from < end)) changed += end - start;
    start = end;
  }
  return changed;
}

/** A few places in `[0, limit)`, the same in every run. */
function places(seed: string, count: number, limit: number): number[] {
  const numbers = seededBytes(seed, count * 4);
  return Array.from({ length: count }, (_, index) => numbers.readUInt32LE(index * 4) % limit);
}

/** What an edit costs beside its chunks: padding, a leaf and an upper node of the chunk list, its root, records (FORMAT.md). */
const editOverheadBytes = 2_048 + 36 * 32 + 40 * 32 + 160 + 1_024;

describe("locality", () => {
  test.each([
    ["random bytes", seededBytes],
    ["text", seededText],
  ] as const)(
    "an overwrite of 10 bytes in %s leaves all cuts before it and soon all cuts behind it",
    (_, make) => {
      const data = make("overwrite", 2_000_000);
      const before = ends(data);
      for (const at of places("overwrites", 60, data.length - 10)) {
        const edited = Buffer.from(data);
        seededBytes(`edit at ${at}`, 10).copy(edited, at);
        const after = ends(edited);
        expect(after.filter((end) => end <= at)).toEqual(before.filter((end) => end <= at));
        const common = after.find((end) => end >= at + 10 && before.includes(end))!;
        expect(after.filter((end) => end >= common)).toEqual(before.filter((end) => end >= common));
        expect(common - at).toBeLessThanOrEqual(16 * 8_192);
      }
    },
  );

  test("sixteen overwrites of 10 bytes in 32 MiB of random bytes cost at most 0.225 MiB", () => {
    const data = seededBytes("sixteen overwrites", 33_554_432);
    let before = ends(data);
    let cost = 0;
    for (const at of places("sixteen places", 16, data.length - 10)) {
      seededBytes(`edit at ${at}`, 10).copy(data, at);
      const after = ends(data);
      cost += changedBytes(before, after, at, at + 10) + editOverheadBytes;
      before = after;
    }
    expect(cost).toBeLessThanOrEqual(235_929);
  });

  test("10 bytes put before 32 MiB of random bytes cost at most 26 KiB", () => {
    const data = seededBytes("prepend", 33_554_432);
    const before = ends(data);
    const after = ends(Buffer.concat([seededBytes("ten bytes", 10), data])).map((end) => end - 10);
    const kept = new Set(before);
    const common = after.find((end) => kept.has(end))!;
    expect(after.filter((end) => end >= common)).toEqual(before.filter((end) => end >= common));
    expect(common + 10 + editOverheadBytes).toBeLessThanOrEqual(26 * 1_024);
  });
});
