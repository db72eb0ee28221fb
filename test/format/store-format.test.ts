/**
 * What is in new stores is what the FORMAT documents say: read by the documents alone, compared with the
 * directory itself.
 */
import assert from "node:assert/strict";
import { cpSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CaptureOptions } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { fine, referenceGear, referencePages } from "../chunk/reference-cuts.js";
import { seededBytes, seededText } from "../chunk/seeded-bytes.js";
import { listTree } from "../fixtures/list-tree.mjs";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import type { ReferenceEntry } from "./reference-objects.js";
import { readEntry, readRoot } from "./reference-objects.js";
import type { IndexRecord, PackedChunk, ReferencePack } from "./reference-pack.js";
import { chunksOf, readPacks, recordsBySearch } from "./reference-pack.js";
import {
  listPieces,
  listSnapshot,
  readSnapshotRecord,
  treeRecords,
} from "./reference-snapshots.js";

const kind = { data: 0, list: 1, tree: 2, root: 3, record: 4 };

testIf(
  "tools",
  "large directories, long records, many hard links and long lists are cut as written",
  async () => {
    const { tree, capture } = await scratchStore();
    mkdirSync(join(tree, "wide"));
    for (let number = 0; number < 1_500; number++) {
      writeFileSync(join(tree, "wide", `name ${number}`), `${number % 50}`);
    }
    for (let number = 0; number < 60; number++) {
      const directory = join(tree, "narrow", `${number}`);
      mkdirSync(directory, { recursive: true });
      for (let file = 0; file < 15; file++) writeFileSync(join(directory, `${file}`), `${number}`);
    }
    mkdirSync(join(tree, "long"));
    for (let number = 0; number < 100; number++) {
      symlinkSync(`${number}`.padStart(4_000, "x"), join(tree, "long", `link ${number}`));
    }
    mkdirSync(join(tree, "linked"));
    for (let number = 0; number < 300; number++) {
      linkSync(join(tree, "wide", `name ${number}`), join(tree, "linked", `${number} again`));
    }
    writeFileSync(join(tree, "list"), seededBytes("list", 1_500_000));
    const packs = await capture({ workers: 2 });
    expect(packs.length).toBeGreaterThan(1);
    const objects = chunksOf(packs);
    expect(listSnapshot(objects, onlySnapshot(packs, objects))).toEqual(listTree(tree));
    // Else this test has seen less than it says.
    const nodes = rowsOf(packs)
      .filter((row) => row.kind === kind.list || row.kind === kind.tree)
      .map((row) => objects.get(row.digest)!);
    const levels = (type: number) =>
      nodes.filter((node) => node[0] === type).map((node) => node[1]!);
    expect(Math.max(...levels(2))).toBeGreaterThanOrEqual(1);
    expect(Math.max(...levels(5))).toBeGreaterThanOrEqual(1);
  },
);

test("the pieces of a list are those of the chunk format", async () => {
  const { tree, capture } = await scratchStore();
  const zeros = (length: number) => Buffer.alloc(length);
  const files = {
    gear: Buffer.concat([seededBytes("a", 90_000), zeros(50_000), seededText("b", 70_001)]),
    pages: Buffer.concat([
      Buffer.from("SQLite format 3\0"),
      seededBytes("c", 40_944),
      zeros(40_960),
      seededBytes("d", 5_000),
    ]),
    zeros: zeros(70_000),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(tree, name), bytes);
  const packs = await capture({ workers: 0 });
  const objects = chunksOf(packs);
  for (const entry of rootEntries(packs, objects)) {
    const name = String(entry.name) as keyof typeof files;
    const bytes = files[name];
    const pieces = listPieces(objects, entry.content!).map(({ lengthBytes, digest }) =>
      digest.equals(zeros(32)) ? -Number(lengthBytes) : Number(lengthBytes),
    );
    expect(pieces).toEqual(
      name === "pages" ? referencePages(bytes, 4_096) : referenceGear(bytes, fine),
    );
  }
});

test("chunks lie in phase, in rows and in gaps as written", async () => {
  const { tree, capture } = await scratchStore();
  for (let number = 0; number < 40; number++) {
    writeFileSync(join(tree, `small ${number}`), seededBytes(`small ${number}`, 1 + 97 * number));
    writeFileSync(
      join(tree, `large ${number}`),
      seededBytes(`large ${number}`, 4_096 + 997 * number),
    );
  }
  writeFileSync(join(tree, "cut"), seededBytes("cut", 300_000));
  const packs = await capture({ workers: 0 });
  const [pack] = packs;
  assert(pack !== undefined && packs.length === 1);
  const objects = chunksOf(packs);
  const rows = new Map(rowsOf(packs).map((row) => [row.digest, row]));
  for (const entry of rootEntries(packs, objects)) {
    if (entry.sizeBytes! < 4_096n) continue;
    const pieces =
      entry.form === "list"
        ? listPieces(objects, entry.content!)
        : [{ lengthBytes: entry.sizeBytes!, digest: entry.content! }];
    const first = rows.get(pieces[0]!.digest.toString("hex"))!;
    let offset = first.offset;
    expect(offset % 4_096).toBe(0);
    for (const { lengthBytes, digest } of pieces) {
      expect(rows.get(digest.toString("hex"))?.offset).toBe(offset);
      offset += Number(lengthBytes);
    }
  }
  const dense = [...rows.values()].filter(
    (row) => row.kind === kind.data && row.lengthBytes < 4_096,
  );
  const behind = (row: PackedChunk) => row.offset + row.lengthBytes;
  // Some gap was filled: a row that was appended later lies before one that was appended earlier.
  expect(dense.some((row, index) => index > 0 && behind(row) <= dense[index - 1]!.offset)).toBe(
    true,
  );
  for (const record of pack.records) expectGapsOfZeros(pack, record);
});

test("index records are found from the end and by search, each capture adds one", async () => {
  const { tree, capture } = await scratchStore();
  writeFileSync(join(tree, "file"), seededBytes("first", 200_000));
  const [before] = await capture({ workers: 0 });
  assert(before !== undefined);
  // A file that holds the records themselves, where the search comes across them.
  cpSync(join(tree, "..", "store", "packs"), join(tree, "copy"), { recursive: true });
  const [after] = await capture({ workers: 0, durability: "relaxed" });
  assert(after !== undefined);
  expect(after.bytes.subarray(0, before.bytes.length).equals(before.bytes)).toBe(true);
  expect(after.records).toHaveLength(2);
  expect(after.records[0]).toEqual(before.records[0]);
  expect(recordsBySearch(after.bytes, after.name)).toEqual(after.records);
  const torn = after.bytes.subarray(0, after.bytes.length - 1);
  expect(recordsBySearch(torn, after.name)).toEqual(before.records);
});

test("a capture of what is stored already adds its record alone", async () => {
  const { tree, capture } = await scratchStore();
  writeFileSync(join(tree, "file"), "text");
  await capture({ workers: 0 });
  const [pack] = await capture({ workers: 0 });
  const kinds = pack?.records.map((record) => record.chunks.map((row) => row.kind).sort());
  expect(kinds).toEqual([[kind.data, kind.tree, kind.root, kind.record], [kind.record]]);
});

/** Makes a store beside an empty tree; `capture` returns the packs as they are when the store is closed. */
async function scratchStore() {
  const directory = scratchDirectory();
  const [tree, store] = [join(directory, "tree"), join(directory, "store")];
  mkdirSync(tree);
  const capture = async (options: CaptureOptions): Promise<ReferencePack[]> => {
    const opened = await Store.open(store);
    await opened.snapshot(tree, options);
    await opened.close();
    expect(readdirSync(store)).not.toContain("catalog.sqlite-wal");
    return readPacks(store);
  };
  return { tree, capture };
}

function onlySnapshot(packs: readonly ReferencePack[], objects: ReadonlyMap<string, Buffer>) {
  const rows = rowsOf(packs);
  const records = rows.filter((row) => row.kind === kind.record);
  assert(records.length === 1);
  const snapshot = readSnapshotRecord(objects.get(records[0]!.digest)!);
  assert(rows.some((row) => row.kind === kind.root && `sha256:${row.digest}` === snapshot.digest));
  return snapshot;
}

function rowsOf(packs: readonly ReferencePack[]): PackedChunk[] {
  return packs.flatMap((pack) => pack.records.flatMap((record) => record.chunks));
}

function rootEntries(
  packs: readonly ReferencePack[],
  objects: ReadonlyMap<string, Buffer>,
): ReferenceEntry[] {
  const { digest } = onlySnapshot(packs, objects);
  const { record } = readRoot(objects.get(digest.slice("sha256:".length))!);
  return treeRecords(objects, readEntry(record).tree!).map(readEntry);
}

/** No two chunks overlap, and what none covers is zero. */
function expectGapsOfZeros(
  pack: ReferencePack,
  { chunks, regionStart, offset }: IndexRecord,
): void {
  let end = regionStart;
  for (const row of chunks.toSorted((a, b) => a.offset - b.offset)) {
    expect(row.offset).toBeGreaterThanOrEqual(end);
    expect(row.offset - end).toBeLessThan(4_096);
    expect(pack.bytes.subarray(end, row.offset).every((byte) => byte === 0)).toBe(true);
    end = row.offset + row.lengthBytes;
  }
  expect(end).toBe(offset);
}
