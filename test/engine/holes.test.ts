/** Holes: zeros by any name are not stored, and come back as holes. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { bytesOf } from "./file-bytes.js";

interface Extent {
  /** Bytes of hole before it. */
  readonly gap: number;
  readonly size: number;
}

/** Up to twice what is read at once, on the grid of blocks and off it. */
const gap = fc.oneof(
  fc.nat(1_100).map((blocks) => blocks * 4096),
  fc.nat(100_000),
  fc.constantFrom(0, 12_288, 16_383, 16_384, 20_480, 2_097_152),
);
const extents = fc.array(fc.record({ gap, size: fc.oneof(fc.nat(20_000), fc.constant(4096)) }), {
  minLength: 1,
  maxLength: 6,
});

testIf("koffi", "a file is the same whether its zeros are written or left out", async () => {
  const scratch = scratchDirectory();
  const directory = join(scratch, "directory");
  const restored = join(scratch, "restored");
  mkdirSync(directory);
  const store = await Store.open(join(scratch, "store"));
  await fc.assert(
    fc.asyncProperty(extents, gap, async (list, end) => {
      const size = makeFiles(directory, list, end);
      const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
      const [dense, sparse] = await Promise.all([snapshot.stat("dense"), snapshot.stat("sparse")]);
      expect(sparse.digest).toBe(dense.digest);
      await store.restore(snapshot, restored, { force: true });
      const same = await run("cmp", [join(restored, "dense"), join(directory, "sparse")], {
        allowFailure: true,
      });
      expect(same.stdout).toBe("");
      // A file of one chunk has its holes from whole blocks of zeros; a larger one from what was not stored.
      const data = list.reduce((sum, extent) => sum + extent.size + 2 * 16_384, 16_384);
      expect(statSync(join(restored, "dense")).blocks * 512).toBeLessThanOrEqual(
        Math.min(data, size + 8192),
      );
    }),
    { numRuns: 40 },
  );
  await store.close();
});

testIf(
  "koffi",
  "a file around the size from which it is cut coarser reads its holes from nowhere",
  async () => {
    const scratch = scratchDirectory();
    const directory = join(scratch, "directory");
    mkdirSync(directory);
    for (const size of [1_073_741_823, 1_073_741_824, 1_073_741_825]) {
      const descriptor = openSync(join(directory, String(size)), "w");
      ftruncateSync(descriptor, size);
      for (const at of [0, 500_000_000, size - 100_000]) {
        writeSync(
          descriptor,
          bytesOf({ size: 100_000, pattern: "random", seed: at + 1 }),
          0,
          100_000,
          at,
        );
      }
      closeSync(descriptor);
    }
    const store = await Store.open(join(scratch, "store"));
    const { snapshot, report } = await store.snapshot(directory);
    expect(report.bytesRead).toBeLessThan(50_000_000);
    expect((await store.stats()).uniqueBytes).toBeLessThan(1_500_000);
    const restored = join(scratch, "restored");
    await store.restore(snapshot, restored);
    for (const size of [1_073_741_823, 1_073_741_824, 1_073_741_825]) {
      const file = join(restored, String(size));
      expect(statSync(file)).toMatchObject({ size });
      expect(statSync(file).blocks * 512).toBeLessThan(500_000);
      for (const at of [0, 499_999_990, size - 100_000]) {
        const range = [
          "--bytes=100000",
          `--ignore-initial=${at}`,
          file,
          join(directory, String(size)),
        ];
        await run("cmp", range);
      }
    }
    await store.close();
  },
);

/** Makes the same bytes twice and returns how many there are. */
function makeFiles(directory: string, list: readonly Extent[], end: number): number {
  const size = list.reduce((sum, extent) => sum + extent.gap + extent.size, end);
  const whole = Buffer.alloc(size);
  const descriptor = openSync(join(directory, "sparse"), "w");
  ftruncateSync(descriptor, size);
  let at = 0;
  for (const extent of list) {
    at += extent.gap;
    const bytes = bytesOf({ size: extent.size, pattern: "random", seed: at + 1 });
    bytes.copy(whole, at);
    if (bytes.length > 0) writeSync(descriptor, bytes, 0, bytes.length, at);
    at += extent.size;
  }
  closeSync(descriptor);
  writeFileSync(join(directory, "dense"), whole);
  return size;
}
