/** The whole chunk table read at once says what single lookups say. */
import { expect, test } from "vitest";
import { LOCATED_ROW_BYTES } from "#dist/catalog/chunk-locator.js";
import { ChunkNumbers } from "#dist/image/chunk-numbers.js";
import { bash, captured } from "./image-fixture.js";

test("ChunkNumbers finds the same by either way, and refuses what is not stored", async () => {
  const { engine } = await captured(
    bash("for i in {1..700}; do echo $i >$i; done; head -c 3000000 /dev/urandom >large"),
  );
  const { catalog, chunks } = engine;
  const rows = catalog.chunks.rowsFor(10_000)!;
  const count = rows.length / LOCATED_ROW_BYTES;
  expect(count).toBeGreaterThan(1_000);
  const bulk = new ChunkNumbers(catalog, chunks, count);
  const single = new ChunkNumbers(catalog, chunks, 0);
  for (let at = 0; at < rows.length; at += LOCATED_ROW_BYTES) {
    const digest = rows.subarray(at, at + 32);
    const { kind: _, ...location } = catalog.chunks.locate(digest)!;
    for (const index of [bulk, single]) {
      const row = index.row(rows, at);
      expect(index.location(row)).toEqual(location);
      expect(index.checksum(row)).toBe(location.checksum.readBigUInt64LE());
      expect(index.digest(row).equals(digest)).toBe(true);
      expect(index.row(digest)).toBe(row);
    }
  }
  const absent = Buffer.alloc(32, 7);
  for (const index of [bulk, single])
    expect(() => index.row(absent)).toThrow(expect.objectContaining({ code: "CORRUPT" }));
});
