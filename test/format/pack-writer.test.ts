/**
 * The pack writer's invariants (P1) to (P3), on a disk in memory: packs are read again by the document.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import type { ChunkKind } from "#dist/pack/chunk-location.js";
import { ChunkReader } from "#dist/pack/chunk-reader.js";
import { CHUNK_ROW_BYTES, chunkRows } from "#dist/pack/chunk-table.js";
import { ChunkWriter } from "#dist/pack/chunk-writer.js";
import { PackWriter } from "#dist/pack/pack-writer.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { MemoryDisk } from "../disk/memory-disk.js";
import { chunksOf, readPack, recordsBySearch } from "./reference-pack.js";

const storeId = "00112233445566778899aabbccddeeff";
const name = "0123456789abcdef";
const path = `packs/${name}.pack`;

/** A pack of a length that is on stable storage. */
const packOf = (lengthBytes: number) => ({ id: 1, name, lengthBytes, syncedBytes: lengthBytes });

/** Something to append: a dense chunk, or a file of some chunks, of which some are stored already. */
type Step =
  | { readonly dense: number }
  | {
      readonly start: number;
      readonly pieces: readonly { readonly length: number; readonly isNew: boolean }[];
    };

const length = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max }));
const step = (max: number): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({ dense: length(Math.min(max, 70_000)) }),
    fc.record({
      start: fc.constantFrom(0, 0, 0, 4_096, 5_000, 123_457),
      pieces: fc.array(fc.record({ length: length(max), isNew: fc.boolean() }), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
  );
const sessions = (max: number, stepsMax: number) =>
  fc.array(fc.array(step(max), { minLength: 1, maxLength: stepsMax }), {
    minLength: 1,
    maxLength: 3,
  });

describe.each([
  { what: "small chunks, read by the document", max: 6_000, stepsMax: 10, runs: 40, isRead: true },
  {
    what: "chunks up to the size of the buffer and more",
    max: 5_000_000,
    stepsMax: 6,
    runs: 12,
    isRead: false,
  },
])("$what", ({ max, stepsMax, runs, isRead }) => {
  test("are where the rows say, in phase, and overwrite nothing", () => {
    fc.assert(
      fc.property(sessions(max, stepsMax), (each) => checkSessions(each, isRead)),
      { numRuns: runs },
    );
  });
});

/** Writes one session after the other to one pack and compares it with a plain map. */
function checkSessions(sessionsOfSteps: readonly (readonly Step[])[], isRead: boolean): void {
  const disk = new MemoryDisk();
  const expected = new Map<string, Buffer>();
  let committed = 0;
  let before = Buffer.alloc(0);
  let seed = 0;
  for (const steps of sessionsOfSteps) {
    disk.writes.length = 0;
    const writer = PackWriter.open(disk, packOf(committed), storeId);
    const phases: { digest: Buffer; offset: number; follows: Buffer | undefined }[] = [];
    const append = (
      lengthBytes: number,
      kind: ChunkKind,
      place?: { file: number; offset: number },
    ) => {
      const bytes = seededBytes(`chunk ${seed++}`, lengthBytes + 8);
      const digest = sha256(bytes);
      writer.append(bytes, digest, kind, place);
      expected.set(digest.toString("hex"), bytes);
      return { digest, end: (place?.offset ?? 0) + bytes.length };
    };
    for (const [file, each] of steps.entries()) {
      if ("dense" in each) {
        append(each.dense, 2);
        continue;
      }
      let offset = each.start;
      let follows: Buffer | undefined;
      for (const { length: bytes, isNew } of each.pieces) {
        if (!isNew) {
          offset += bytes;
          follows = undefined;
          continue;
        }
        const { digest, end } = append(bytes, 0, { file, offset });
        phases.push({ digest, offset, follows });
        [offset, follows] = [end, digest];
      }
    }
    const { lengthBytes, rows } = writer.finish(false);
    writer.close();
    const pack = disk.files.get(path)!;
    expect(pack.length).toBe(lengthBytes);
    // (P1)
    expect(pack.subarray(0, before.length).equals(before)).toBe(true);
    expect(disk.writes.every((write) => write.position >= committed)).toBe(true);
    expect(disk.writes.reduce((sum, write) => sum + write.lengthBytes, 0)).toBe(
      lengthBytes - committed,
    );
    const found = new Map([...chunkRows(rows, 1)].map((row) => [row.digest.toString("hex"), row]));
    // (P2)
    for (const { digest, offset, follows } of phases) {
      const row = found.get(digest.toString("hex"))!;
      expect(row.offset % 4_096).toBe(offset % 4_096);
      const last = follows === undefined ? undefined : found.get(follows.toString("hex"))!;
      if (last !== undefined) expect(row.offset).toBe(last.offset + last.lengthBytes);
    }
    for (const [key, row] of found) {
      const bytes = pack.subarray(row.offset, row.offset + row.lengthBytes);
      expect(bytes.equals(expected.get(key)!)).toBe(true);
    }
    if (rows.length === 0) expect(lengthBytes).toBe(Math.max(committed, 64));
    [committed, before] = [lengthBytes, Buffer.from(pack)];
  }
  if (isRead) {
    const pack = readPack(before, name);
    expect(pack.storeId).toBe(storeId);
    const chunks = chunksOf([pack]);
    expect([...chunks.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, bytes] of chunks) expect(bytes.equals(expected.get(key)!)).toBe(true);
    expect(recordsBySearch(before, name)).toEqual(pack.records);
    expect(pack.records.map((record) => record.regionStart)).toEqual(
      [64, ...pack.records.map((record) => record.end)].slice(0, -1),
    );
  }
}

test("a gap is filled from its start, where it fits, and only while it is in the buffer", () => {
  const disk = new MemoryDisk();
  const writer = PackWriter.open(disk, packOf(0), storeId);
  const digestOf = (text: string) => sha256(Buffer.from(text));
  writer.append(Buffer.alloc(36), digestOf("a"), 0); // 64 to 100
  writer.append(Buffer.alloc(5_000), digestOf("b"), 0, { file: 1, offset: 0 }); // 4,096 to 9,096; a gap from 100
  writer.append(Buffer.alloc(3_000), digestOf("c"), 2); // 100 to 3,100
  writer.append(Buffer.alloc(997), digestOf("d"), 2); // does not fit: 9,096 to 10,093
  writer.append(Buffer.alloc(996), digestOf("e"), 2); // fits exactly: 3,100 to 4,096
  writer.append(Buffer.alloc(1), digestOf("f"), 2); // 10,093
  writer.append(Buffer.alloc(10), digestOf("g"), 0, { file: 2, offset: 0 }); // 12,288; a gap from 10,094
  writer.append(Buffer.alloc(4_190_000), digestOf("h"), 2); // The buffer is written out: the gap with it.
  writer.append(Buffer.alloc(10), digestOf("i"), 2);
  const { rows } = writer.finish(false);
  expect([...chunkRows(rows, 1)].map((row) => row.offset)).toEqual([
    64, 4_096, 100, 9_096, 3_100, 10_093, 12_288, 12_298, 4_202_298,
  ]);
});

test("what a dead session left beyond the committed length is cut off", () => {
  const disk = new MemoryDisk();
  const first = PackWriter.open(disk, packOf(0), storeId);
  first.append(Buffer.from("kept"), sha256(Buffer.from("kept")), 0);
  const { lengthBytes } = first.finish(true);
  const committed = Buffer.from(disk.files.get(path)!);
  disk.files.set(path, Buffer.concat([committed, Buffer.alloc(10_000, 0xee)]));
  const second = PackWriter.open(disk, packOf(lengthBytes), storeId);
  expect(disk.files.get(path)).toEqual(committed);
  second.append(Buffer.from("more"), sha256(Buffer.from("more")), 0);
  second.finish(true);
  expect(readPack(disk.files.get(path)!, name).records).toHaveLength(2);

  // Nothing was committed, and the file is no pack.
  disk.files.set(path, Buffer.alloc(10_000, 0xee));
  const third = PackWriter.open(disk, packOf(0), storeId);
  third.append(Buffer.from("new"), sha256(Buffer.from("new")), 0);
  third.finish(true);
  expect(readPack(disk.files.get(path)!, name).records).toHaveLength(1);
});

test("chunks beyond the committed length that an index record lists are not cut off", () => {
  const disk = new MemoryDisk();
  const writer = PackWriter.open(disk, packOf(0), storeId);
  writer.append(Buffer.from("kept"), sha256(Buffer.from("kept")), 0);
  const { lengthBytes } = writer.finish(true);
  writer.append(Buffer.from("forgotten"), sha256(Buffer.from("forgotten")), 0);
  writer.finish(true);
  const whole = Buffer.from(disk.files.get(path)!);
  for (const committed of [0, lengthBytes]) {
    expect(() => PackWriter.open(disk, packOf(committed), storeId)).toThrow(
      expect.objectContaining({ code: "CORRUPT", message: expect.stringContaining("repair") }),
    );
    expect(disk.files.get(path)).toEqual(whole);
  }
});

test("a pack that is shorter than its committed length is refused", () => {
  const disk = new MemoryDisk();
  disk.files.set(path, Buffer.alloc(99));
  expect(() =>
    PackWriter.open(disk, { id: 1, name, lengthBytes: 100, syncedBytes: 0 }, storeId),
  ).toThrow(expect.objectContaining({ code: "CORRUPT", path }));
  expect(disk.calls.at(-1)).toBe(`close ${path}`);
});

test.each(["write", "sync"] as const)(
  "after a failed %s the writer refuses everything (P3)",
  (failing) => {
    const disk = new MemoryDisk();
    const real = disk.open.bind(disk);
    const fault = Object.assign(new Error("EIO"), { code: "EIO" });
    disk.open = (...args) => ({
      ...real(...args),
      [failing]: () => {
        throw fault;
      },
    });
    const writer = PackWriter.open(disk, packOf(0), storeId);
    writer.append(Buffer.from("text"), sha256(Buffer.from("text")), 0);
    expect(() => writer.finish(true)).toThrow(fault);
    const poisoned = expect.objectContaining({ code: "POISONED", cause: fault });
    expect(() => writer.finish(true)).toThrow(poisoned);
    expect(() => writer.append(Buffer.from("x"), sha256(Buffer.from("x")), 0)).toThrow(poisoned);
  },
);

test("a chunk writer syncs its packs, then the directory that names them, and nothing for relaxed", () => {
  const disk = new MemoryDisk();
  let pack = packOf(0);
  const supply = { storeId, acquirePack: () => pack };
  const write = (sync: boolean): string[] => {
    const writer = new ChunkWriter(disk, supply);
    writer.append(Buffer.from("text"), sha256(Buffer.from("text")), 0);
    disk.calls.length = 0;
    const [written] = writer.finish(sync);
    expect(written?.rows.length).toBe(CHUNK_ROW_BYTES);
    return [...disk.calls];
  };
  expect(write(true)).toEqual([`write ${path}`, `sync ${path}`, "sync directory packs"]);
  disk.files.delete(path);
  expect(write(false)).toEqual([`write ${path}`]);
  // What a relaxed capture wrote may have no name on stable storage.
  const lengthBytes = disk.files.get(path)!.length;
  pack = { ...packOf(lengthBytes), syncedBytes: 0 };
  expect(write(true)).toEqual([`write ${path}`, `sync ${path}`, "sync directory packs"]);
  pack = packOf(disk.files.get(path)!.length);
  expect(write(true)).toEqual([`write ${path}`, `sync ${path}`]);
  expect(new ChunkWriter(disk, supply).finish(true)).toEqual([]);
});

test("a chunk reader names pack, offset and digest of a flipped bit, and of a pack's end", () => {
  const disk = new MemoryDisk();
  const writer = PackWriter.open(disk, packOf(0), storeId);
  const bytes = seededBytes("chunk", 1_000);
  writer.append(bytes, sha256(bytes), 0);
  const [row] = [...chunkRows(writer.finish(true).rows, 1)];
  const read = () => {
    const reader = new ChunkReader(disk, { storeId, packName: () => name });
    const into = Buffer.alloc(1_000);
    reader.readInto(row!.digest, row!, into);
    return into;
  };
  expect(read()).toEqual(bytes);
  const pack = disk.files.get(path)!;
  for (const at of [row!.offset, row!.offset + 999]) {
    pack[at]! ^= 4;
    expect(read).toThrow(
      expect.objectContaining({
        ...{ code: "CORRUPT", path, digest: `sha256:${row!.digest.toString("hex")}` },
        message: expect.stringMatching(
          /at offset 64 of pack 0123456789abcdef: its bytes fail their checksum/,
        ),
      }),
    );
    pack[at]! ^= 4;
  }
  disk.files.set(path, pack.subarray(0, 500));
  expect(read).toThrow(/the pack ends after 436 of its 1000 bytes/);
  disk.files.set(path, Buffer.alloc(0));
  expect(read).toThrow(/does not start as a pack/);
  disk.files.delete(path);
  expect(read).toThrow(expect.objectContaining({ code: "CORRUPT", path }));
});
