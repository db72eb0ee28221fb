/** The whole chunk table read at once says what single lookups say. */
import { expect, test } from "vitest";
import { BULK_ROW_BYTES } from "#dist/catalog/bulk-chunks.js";
import { ChunkIndex } from "#dist/image/chunk-index.js";
import { bash, captured } from "./image-fixture.js";

test("ChunkIndex finds the same by either way, and refuses what is not stored", async () => {
  const { engine } = await captured(
    bash("for i in {1..700}; do echo $i >$i; done; head -c 3000000 /dev/urandom >large"),
  );
  const { catalog, chunks } = engine;
  const rows = catalog.bulk.rows(Buffer.alloc(0), 10_000);
  const count = rows.length / BULK_ROW_BYTES;
  expect(count).toBe(catalog.bulk.count(1_000_000));
  expect(count).toBeGreaterThan(1_000);
  const bulk = new ChunkIndex(catalog, chunks, count);
  const single = new ChunkIndex(catalog, chunks, 0);
  for (let at = 0; at < rows.length; at += BULK_ROW_BYTES) {
    const digest = rows.subarray(at, at + 32);
    const { kind: _, ...location } = catalog.locate(digest)!;
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

test("rows come in pages, in the order of their digests", async () => {
  const { engine } = await captured(bash("for i in {1..90}; do echo $i >$i; done"));
  const whole = engine.catalog.bulk.rows(Buffer.alloc(0), 1_000);
  const pages: Buffer[] = [];
  for (let after = Buffer.alloc(0); ; ) {
    const page = engine.catalog.bulk.rows(after, 7);
    if (page.length === 0) break;
    pages.push(page);
    after = Buffer.from(
      page.subarray(page.length - BULK_ROW_BYTES, page.length - BULK_ROW_BYTES + 32),
    );
  }
  expect(Buffer.concat(pages).equals(whole)).toBe(true);
});
