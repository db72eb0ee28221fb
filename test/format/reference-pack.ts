/**
 * Reads packs as src/pack/FORMAT.md describes them, without the catalog and without the engine: its
 * sections are named where they are used. Throws on everything that the document rules out.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referenceXxh64 } from "./reference-xxh64.js";

/** A row of an index record. */
export interface PackedChunk {
  /** In hexadecimal. */
  readonly digest: string;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly kind: number;
  readonly checksum: bigint;
}

/** An index record. */
export interface IndexRecord {
  readonly offset: number;
  readonly end: number;
  readonly regionStart: number;
  readonly chunks: readonly PackedChunk[];
}

/** A pack, with its index records in the order in which they lie. */
export interface ReferencePack {
  readonly name: string;
  readonly storeId: string;
  readonly bytes: Buffer;
  readonly records: readonly IndexRecord[];
}

const HEADER_BYTES = 64;
const MAGIC = Buffer.from("CPIX\r\n\x1a\n", "latin1");

/** Returns the packs of a store in the order of their names; each ends with its last index record. */
export function readPacks(store: string): ReferencePack[] {
  const names = readdirSync(join(store, "packs")).sort();
  return names.map((file) => {
    const [, name] = /^([0-9a-f]{16})\.pack$/.exec(file) ?? [];
    assert(name !== undefined, `${file} is no pack's name`);
    return readPack(readFileSync(join(store, "packs", file)), name);
  });
}

/** Returns the pack of a name that consists of these bytes; it ends with its last index record. */
export function readPack(bytes: Buffer, name: string): ReferencePack {
  return { name, storeId: readHeader(bytes, name), bytes, records: recordsFromEnd(bytes, name) };
}

/** Section 1. Returns the store's id. */
function readHeader(bytes: Buffer, name: string): string {
  assert(bytes.length >= HEADER_BYTES);
  assert.equal(bytes.toString("latin1", 0, 8), "COPPPACK");
  assert.equal(bytes.readUInt32LE(8), 1);
  assert.equal(bytes.readUInt32LE(12), 0);
  assert.equal(bytes.toString("hex", 32, 40), name);
  assert.equal(bytes.readBigUInt64LE(48), 0n);
  assert.equal(bytes.readBigUInt64LE(56), referenceXxh64(bytes.subarray(0, 56)));
  return bytes.toString("hex", 16, 32);
}

/** Section 3, "From the end". */
function recordsFromEnd(bytes: Buffer, name: string): IndexRecord[] {
  const records: IndexRecord[] = [];
  for (let end = bytes.length; end > HEADER_BYTES; ) {
    assert.equal(bytes.toString("latin1", end - 4, end), "CXID");
    const record = readIndexRecord(bytes, name, end - bytes.readUInt32LE(end - 8));
    assert.equal(record.end, end);
    records.unshift(record);
    end = record.regionStart;
  }
  return records;
}

/** Section 3, "By search". */
export function recordsBySearch(bytes: Buffer, name: string): IndexRecord[] {
  const records: IndexRecord[] = [];
  for (let at = bytes.indexOf(MAGIC); at >= 0; ) {
    let next = at + 1;
    try {
      const record = readIndexRecord(bytes, name, at);
      records.push(record);
      next = record.end;
    } catch {
      // Something else that looks like the beginning of one.
    }
    at = bytes.indexOf(MAGIC, next);
  }
  return records;
}

/** Section 3: one record, with all its checks. */
function readIndexRecord(bytes: Buffer, name: string, offset: number): IndexRecord {
  assert(offset >= HEADER_BYTES);
  assert(bytes.subarray(offset, offset + 8).equals(MAGIC));
  const length = bytes.readUInt32LE(offset + 8);
  const count = bytes.readUInt32LE(offset + 12);
  assert(count >= 1);
  assert.equal(length, 56 * count + 56);
  assert(offset + length <= bytes.length);
  assert.equal(bytes.readBigUInt64LE(offset + 16), BigInt(offset));
  const regionStart = Number(bytes.readBigUInt64LE(offset + 24));
  assert(HEADER_BYTES <= regionStart && regionStart <= offset);
  assert.equal(bytes.toString("hex", offset + 32, offset + 40), name);
  const trailer = offset + 40 + 56 * count;
  assert.equal(bytes.readBigUInt64LE(trailer), referenceXxh64(bytes.subarray(offset, trailer)));
  assert.equal(bytes.readUInt32LE(trailer + 8), length);
  assert.equal(bytes.toString("latin1", trailer + 12, trailer + 16), "CXID");
  const chunks: PackedChunk[] = [];
  for (let row = offset + 40; row < trailer; row += 56) {
    const chunk = {
      digest: bytes.toString("hex", row, row + 32),
      offset: Number(bytes.readBigUInt64LE(row + 32)),
      lengthBytes: bytes.readUInt32LE(row + 40),
      kind: bytes[row + 44]!,
      checksum: bytes.readBigUInt64LE(row + 48),
    };
    assert.equal(bytes[row + 45], 0);
    assert.equal(bytes.readUInt16LE(row + 46), 0);
    assert(chunk.lengthBytes >= 1 && chunk.lengthBytes <= 67_108_864);
    assert(chunk.offset >= regionStart && chunk.offset + chunk.lengthBytes <= offset);
    chunks.push(chunk);
  }
  return { offset, end: offset + length, regionStart, chunks };
}

/** Returns what is stored under each digest (in hexadecimal); section 2 and both of its checksums. */
export function chunksOf(packs: readonly ReferencePack[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const { bytes, records } of packs) {
    for (const { digest, offset, lengthBytes, checksum } of records.flatMap(
      (each) => each.chunks,
    )) {
      const chunk = bytes.subarray(offset, offset + lengthBytes);
      assert.equal(referenceXxh64(chunk), checksum);
      assert.equal(createHash("sha256").update(chunk).digest("hex"), digest);
      found.set(digest, chunk);
    }
  }
  return found;
}
