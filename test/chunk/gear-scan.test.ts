import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createJavascriptGear } from "#dist/chunk/gear-javascript.js";
import { gearTable } from "#dist/chunk/gear-table.js";
import { createWebassemblyGear } from "#dist/chunk/gear-webassembly.js";
import { seededBytes } from "./seeded-bytes.js";

const data = seededBytes("gear scan", 65_536);
const table = gearTable();

/** The signed hash of the 32 bytes before `index`. */
function hashBefore(index: number): number {
  let hash = 0;
  for (const byte of data.subarray(index - 32, index)) hash = ((hash << 1) + table[byte]!) | 0;
  return hash;
}

describe.each([
  ["JavaScript", createJavascriptGear(65_536)],
  ["WebAssembly", createWebassemblyGear(65_536)],
])("the gear scan in %s", (_, gear) => {
  data.copy(gear.window);

  /** Thresholds that one hash in 2 to 64 passes bring a cut to every place of a short range. */
  const threshold = fc.integer({ min: 1, max: 6 }).map((bits) => -(2 ** 31) + 2 ** (32 - bits));

  test("finds the first cut, with the threshold of its place, or the end", () => {
    const length = fc.integer({ min: 0, max: 12 });
    const from = fc.integer({ min: 0, max: 65_536 - 56 });
    fc.assert(
      fc.property(
        from,
        length,
        length,
        threshold,
        threshold,
        (start, first, second, strict, loose) => {
          const normal = start + 32 + first;
          const end = normal + second;
          let expected = start + 32;
          while (expected < end && hashBefore(expected) >= (expected <= normal ? strict : loose)) {
            expected++;
          }
          expect(gear.next(start, normal, end, strict, loose)).toBe(expected);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
