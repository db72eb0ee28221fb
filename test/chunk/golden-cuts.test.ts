/**
 * Cut points that must never change: a store of this format version holds chunks
 * that were cut so. golden-cuts.json was made with the reference of
 * reference-cuts.ts and holds for each case its first pieces (holes negative) and
 * the SHA-256 of all of them, written in decimal with commas between.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createCutter } from "#dist/chunk/cutter.js";
import { planCuts } from "#dist/chunk/plan-cuts.js";
import { feed } from "./feed.js";
import { goldenInputs } from "./golden-inputs.js";

interface Golden {
  readonly strategy: string;
  readonly pieces: number;
  readonly first: readonly number[];
  readonly sha256: string;
}

const golden = JSON.parse(
  await readFile(new URL("golden-cuts.json", import.meta.url), "utf8"),
) as Record<string, Golden>;

describe.each(["webassembly", "javascript"] as const)("golden cuts, %s", (implementation) => {
  const cutter = createCutter({ windowBytes: 262_144, implementation });

  test.each(Object.entries(goldenInputs))("%s", (name, { sizeBytes, data }) => {
    const plan = planCuts(sizeBytes, data);
    const pieces = feed(cutter, plan, data);
    expect({
      strategy: plan.strategy,
      pieces: pieces.length,
      first: pieces.slice(0, 12),
      sha256: createHash("sha256").update(pieces.join(",")).digest("hex"),
    }).toEqual(golden[name]);
  });
});

test("every golden case has its input", () => {
  expect(Object.keys(goldenInputs)).toEqual(Object.keys(golden));
});
