/** Checks in parts: what threads are given adds up to the whole, however it is cut, sorted and counted. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { DigestSet } from "#dist/hash/digest-set.js";
import { sha256 } from "#dist/hash/sha256.js";
import { xxh64Ready } from "#dist/hash/xxh64.js";
import { offsetAt, sortRows } from "#dist/maintain/check/sort-rows.js";
import { CHUNK_KINDS } from "#dist/pack/chunk-location.js";
import { CHUNK_ROW_BYTES, ChunkTable } from "#dist/pack/chunk-table.js";
import { searchRecords } from "#dist/pack/find-index-record.js";
import { SomeAtOnce } from "#dist/threads/some-at-once.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { packsOf } from "./damage-store.js";

test("an index record is found once, wherever a pack is cut to be searched in parts", async () => {
  await xxh64Ready;
  const { store, snapshot, edit } = await editedDirectory("echo 1 >f");
  await snapshot();
  await edit("echo 2 >f");
  await snapshot();
  const [pack] = packsOf(store.directory) as [string];
  const name = basename(pack, ".pack");
  const file = nodeDisk(store.directory).open(`packs/${name}.pack`, "read");
  try {
    const size = file.size();
    const search = (fromBytes: number, toBytes: number) =>
      [...searchRecords(file, name, { fromBytes, toBytes })].map(({ offset, end }) => [
        offset,
        end,
      ]);
    const whole = search(64, size);
    expect(whole).toHaveLength(2);
    for (let cut = 64; cut <= size; cut++)
      expect([cut, ...search(64, cut), ...search(cut, size)]).toEqual([cut, ...whole]);
  } finally {
    file.close();
  }
});

test("rows are sorted by their offsets, also by those that no pack can have", () => {
  for (const scale of [1, 2 ** 40]) {
    const table = new ChunkTable();
    for (const number of [5, 1, 4, 1, 3, 0])
      table.add(sha256(Buffer.of(number)), number * scale, 1, CHUNK_KINDS.data, 0n);
    const rows = sortRows(Buffer.concat([Buffer.alloc(1), table.bytes]).subarray(1));
    const numbers: number[] = [];
    for (let at = 0; at < rows.length; at += CHUNK_ROW_BYTES) {
      const number = offsetAt(rows, at) / scale;
      expect(rows.subarray(at, at + 32).equals(sha256(Buffer.of(number)))).toBe(true);
      numbers.push(number);
    }
    expect(numbers).toEqual([0, 1, 1, 3, 4, 5]);
  }
});

test("a set of digests has what was added, each once, and tells all of it", () => {
  const digests = Array.from({ length: 1000 }, (_, index) => sha256(Buffer.from(String(index))));
  const set = new DigestSet();
  // At an odd place: digests lie anywhere in what refers to them.
  for (const digest of [...digests, ...digests]) set.add(Buffer.concat([Buffer.of(7), digest]), 1);
  expect(set.size).toBe(1000);
  const hex = (all: Iterable<Buffer>) => [...all].map((each) => each.toString("hex")).sort();
  expect(hex(set)).toEqual(hex(digests));
  expect(digests.every((digest) => set.has(digest))).toBe(true);
  expect(set.has(sha256(Buffer.from("1000")))).toBe(false);
});

test("of several pieces of work as many are under way as there may be, and the first failure is told once all have ended", async () => {
  const jobs = new SomeAtOnce();
  let running = 0;
  let ended = 0;
  const most: number[] = [];
  const work = (index: number) => async () => {
    most.push(++running);
    await new Promise(setImmediate);
    running--;
    ended++;
    if (index === 9) throw new Error("the last one");
  };
  for (let index = 0; index < 10; index++) await jobs.start(3, work(index));
  await expect(jobs.end()).rejects.toThrow("the last one");
  expect([Math.max(...most), running, ended]).toEqual([3, 0, 10]);
  await expect(jobs.start(3, work(0))).rejects.toThrow("the last one");
});
