/** Where chunks lie is remembered; that others move, damage or remove what lies there is found out. */
import { beforeEach, expect, test } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import type { ChunkLocation } from "#dist/pack/chunk-location.js";
import { ChunkReader } from "#dist/pack/chunk-reader.js";
import { chunkRows } from "#dist/pack/chunk-table.js";
import { PackWriter } from "#dist/pack/pack-writer.js";
import { StoredObjects } from "#dist/snapshot/stored-objects.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { MemoryDisk } from "../disk/memory-disk.js";

const storeId = "00112233445566778899aabbccddeeff";
const names = ["0123456789abcdef", "fedcba9876543210"] as const;
const bytes = seededBytes("chunk", 5_000);
const digest = sha256(bytes);
const corrupt = expect.objectContaining({ code: "CORRUPT" });

let disk: MemoryDisk;
let reader: ChunkReader;
let objects: StoredObjects;
/** What the catalog says, and how often it was asked. */
let location: ChunkLocation | undefined;
let lookups: number;

beforeEach(() => {
  disk = new MemoryDisk();
  reader = new ChunkReader(disk, { storeId, packName: (id) => names[id]! });
  lookups = 0;
  location = put(0);
  const locate = () => {
    lookups++;
    return location;
  };
  objects = new StoredObjects({ locate }, reader);
});

test("the catalog is asked once for a chunk that is read again and again, whole or in part", () => {
  for (const _ of [1, 2, 3]) {
    expect(objects.readObject(digest)).toEqual(bytes);
    expect(readChunk(0, bytes.length)).toEqual(bytes);
    expect(readChunk(1_000, 77)).toEqual(bytes.subarray(1_000, 1_077));
    expect(readChunk(4_999, 1)).toEqual(bytes.subarray(4_999));
  }
  expect(lookups).toBe(1);
});

test("a chunk that was moved is found where it lies now, whatever took its place", () => {
  expect(objects.readObject(digest)).toEqual(bytes);
  const [before, after] = [location!, put(1)];
  for (const fill of [0, 1]) {
    disk.files.get(`packs/${names[0]}.pack`)!.fill(fill, before.offset);
    location = after;
    expect(readChunk(0, bytes.length)).toEqual(bytes);
  }
  expect(lookups).toBe(2);
  disk.files.set(`packs/${names[1]}.pack`, Buffer.alloc(0));
  expect(() => objects.readObject(digest)).toThrow(corrupt);
});

test("a chunk that was removed, or is damaged where the catalog says it lies, is CORRUPT", () => {
  expect(objects.readObject(digest)).toEqual(bytes);
  disk.files.get(`packs/${names[0]}.pack`)![location!.offset + 17]! ^= 1;
  expect(() => objects.readObject(digest)).toThrow(/its bytes fail their checksum/);
  expect(() => readChunk(0, bytes.length)).toThrow(/its bytes fail their checksum/);
  expect(() => readChunk(100, 10)).toThrow(/its bytes fail their checksum/);
  location = undefined;
  expect(() => objects.readObject(digest)).toThrow(/the catalog does not list it/);
});

test("a chunk of another length than its file's is CORRUPT, read for the first time or again", () => {
  for (const _ of [1, 2]) {
    for (const [start, length] of [
      [0, 4_999],
      [0, 5_001],
      [10, 10],
    ] as const) {
      const target = Buffer.alloc(length);
      const wanted = length > 100 ? length : 4_999;
      expect(() => objects.readChunk(digest, wanted, start, target)).toThrow(corrupt);
    }
    expect(objects.readObject(digest)).toEqual(bytes);
  }
});

test("with its packs closed nothing is read, also from where something was read before", () => {
  expect(objects.readObject(digest)).toEqual(bytes);
  reader.close();
  const closed = expect.objectContaining({ code: "STORE_CLOSED" });
  expect(() => objects.readObject(digest)).toThrow(closed);
  expect(() => readChunk(0, bytes.length)).toThrow(closed);
});

/** Writes a pack with the chunk in it. */
function put(id: number): ChunkLocation {
  const pack = { id, name: names[id]!, lengthBytes: 0, syncedBytes: 0 };
  const writer = PackWriter.open(disk, pack, storeId);
  // It lies elsewhere in each.
  const other = seededBytes(`other ${id}`, 100 + id);
  writer.append(other, sha256(other), 0);
  writer.append(bytes, digest, 0);
  const rows = [...chunkRows(writer.finish(true).rows, id)];
  return rows.find((row) => row.digest.equals(digest))!;
}

function readChunk(start: number, length: number): Buffer {
  const target = Buffer.alloc(length);
  objects.readChunk(digest, bytes.length, start, target);
  return target;
}
