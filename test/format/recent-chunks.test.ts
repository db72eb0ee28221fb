/** Chunks of small commits: for a while they stand apart, which nobody who asks for them can tell. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ChunkIndex } from "#dist/catalog/chunk-index.js";
import { openDatabase } from "#dist/catalog/open-database.js";
import { WriteTransaction } from "#dist/database/write-transaction.js";
import { sha256 } from "#dist/hash/sha256.js";
import { CHUNK_KINDS } from "#dist/pack/chunk-location.js";
import { ChunkTable } from "#dist/pack/chunk-table.js";
import { scratchDirectory } from "../support/scratch.js";

const LENGTH = 100;
/** More than stand apart at any time. */
const MANY = 2_500;

const digestOf = (number: number) => sha256(Buffer.from(String(number)));

/** Rows of chunks, told apart by their offsets. */
function rowsOf(...numbers: readonly number[]): Buffer {
  const table = new ChunkTable();
  for (const number of numbers)
    table.add(digestOf(number), number * LENGTH, LENGTH, CHUNK_KINDS.data, BigInt(number));
  return table.bytes;
}

/** Two handles on one catalog, as two processes would have them. */
function twoHandles() {
  const file = join(scratchDirectory(), "catalog.sqlite");
  const handle = () => {
    const database = openDatabase(file);
    onTestFinished(() => void database.close());
    const transaction = new WriteTransaction(database, "");
    return { database, transaction, chunks: new ChunkIndex(database, transaction) };
  };
  const [own, other] = [handle(), handle()];
  const commit = (pack: number, numbers: readonly number[], durability: "full" | "relaxed") =>
    own.transaction.run(
      () =>
        own.chunks.insert(
          { id: pack, rows: rowsOf(...numbers) },
          durability === "full" ? "REPLACE" : "IGNORE",
        ),
      "relaxed",
    );
  /** How many stand apart; a row without any holds the last number. */
  const apart = () =>
    own.database
      .prepare("SELECT count(*) FROM recent_chunk WHERE length(rows) > 0")
      .pluck()
      .get() as number;
  return { own, other, commit, apart };
}

test("a chunk of a small commit is known to all at once, and stays known when it joins the others", () => {
  const { own, other, commit, apart } = twoHandles();
  let joined = 0;
  for (let number = 0, before = 0; number < MANY; number++) {
    expect(other.chunks.has(digestOf(number))).toBe(false);
    commit(1, [number], "relaxed");
    const now = apart();
    if (now < before) joined++;
    before = now;
    for (const { chunks } of [other, own]) {
      // This one, the first one, and one of those that stood apart before.
      for (const each of [number, 0, Math.floor(number / 2)])
        expect(chunks.locate(digestOf(each))?.offset).toBe(each * LENGTH);
    }
  }
  expect(joined).toBeGreaterThan(1);
  expect(apart()).toBeGreaterThan(0);
  const all = Array.from({ length: MANY }, (_, number) => number * LENGTH);
  for (const { chunks } of [own, other]) {
    expect(chunks.sums()).toEqual([{ kind: CHUNK_KINDS.data, count: MANY, bytes: MANY * LENGTH }]);
    expect(chunks.ofPackFrom(1, 0).map(({ offset }) => offset)).toEqual(all);
    const locator = chunks.locatorFor(MANY);
    expect(all.map((_, number) => locator.locate(digestOf(number))?.offset)).toEqual(all);
  }
});

test("who has read chunks that stood apart finds them after they have joined the others", () => {
  const { other, commit, apart } = twoHandles();
  commit(1, [0], "relaxed");
  expect(other.chunks.has(digestOf(0))).toBe(true);
  let number = 1;
  for (; apart() > 0; number++) commit(1, [number], "relaxed");
  for (let each = 0; each < number; each++)
    expect(other.chunks.locate(digestOf(each))?.offset).toBe(each * LENGTH);
});

test("what a full commit says of a chunk counts more than what a small one said, which counts more than a later one", () => {
  const { own, other, commit, apart } = twoHandles();
  commit(1, [1, 2], "relaxed");
  commit(2, [2, 3], "relaxed");
  commit(3, [3], "full");
  const check = () => {
    for (const { chunks } of [own, other]) {
      expect([1, 2, 3].map((number) => chunks.locate(digestOf(number))?.pack)).toEqual([1, 1, 3]);
      expect(chunks.sums()).toMatchObject([{ count: 3 + number - 10 }]);
      expect(chunks.ofPackFrom(1, 0).map(({ digest }) => digest)).toEqual([1, 2].map(digestOf));
      expect(chunks.ofPackFrom(2, 0)).toEqual([]);
      expect(chunks.ofPackFrom(3, 0).map(({ digest }) => digest)).toEqual([digestOf(3)]);
    }
  };
  let number = 10;
  check();
  for (; apart() > 0; number++) commit(9, [number], "relaxed");
  check();
});

test("what is removed of a pack is gone for all, whether it stood apart or not", () => {
  const { own, other, commit } = twoHandles();
  commit(1, [1, 2, 3], "relaxed");
  commit(1, [4], "full");
  commit(2, [5], "relaxed");
  expect(other.chunks.has(digestOf(3))).toBe(true);
  own.transaction.run(() => own.chunks.removeFrom(1, 2 * LENGTH));
  for (const { chunks } of [own, other]) {
    expect([1, 2, 3, 4, 5].map((number) => chunks.has(digestOf(number)))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  }
  commit(3, [2], "relaxed");
  for (const { chunks } of [own, other]) expect(chunks.locate(digestOf(2))?.pack).toBe(3);
});

test("a commit that fails leaves none of its chunks", () => {
  const { own, other, commit } = twoHandles();
  commit(1, [1], "relaxed");
  const failing = () =>
    own.transaction.run(() => {
      own.chunks.insert({ id: 1, rows: rowsOf(2) }, "IGNORE");
      throw new Error("no");
    }, "relaxed");
  expect(failing).toThrow("no");
  commit(1, [3], "relaxed");
  for (const { chunks } of [own, other])
    expect([1, 2, 3].map((number) => chunks.has(digestOf(number)))).toEqual([true, false, true]);
});
