import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { coarseGear, fineGear } from "#dist/chunk/gear-parameters.js";
import { gearTable } from "#dist/chunk/gear-table.js";

test("the gear table has its golden digest", () => {
  const bytes = Buffer.alloc(1_024);
  for (const [index, word] of gearTable().entries()) bytes.writeInt32LE(word, index * 4);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(
    "d4bbbb80261af60140819933d5a3cfd85954dc5153613b453e39e0f35b08b7e1",
  );
});

test("the parameters are those of the format", () => {
  expect(fineGear).toEqual({
    chunkSizeMin: 3_072,
    chunkSizeNormal: 5_120,
    chunkSizeMax: 8_192,
    strictBelow: -2_145_805_927,
    looseBelow: -2_144_128_205,
  });
  expect(coarseGear).toEqual({
    chunkSizeMin: 12_288,
    chunkSizeNormal: 20_480,
    chunkSizeMax: 32_768,
    strictBelow: -2_147_064_218,
    looseBelow: -2_146_644_788,
  });
});

test("a run of one byte value never cuts, so that it makes chunks of the maximum size", () => {
  for (const word of gearTable()) {
    let hash = 0;
    for (let byte = 0; byte < 32; byte++) hash = ((hash << 1) + word) | 0;
    expect(hash).toBeGreaterThanOrEqual(fineGear.looseBelow);
  }
});
