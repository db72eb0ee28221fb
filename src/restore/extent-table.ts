/**
 * Where a file's bytes lie, as flat bytes for the thread that writes it.
 *
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 8 | offset in the file |
 * | 8 | 4 | pack |
 * | 12 | 4 | length |
 * | 16 | 8 | offset in the pack |
 * | 24 | 8 | XXH64 |
 * | 32 | 32 | digest |
 */
import type { ChunkLocation } from "../pack/chunk-location.js";

export const EXTENT_BYTES = 64;

/** A run of bytes of a file and where it is stored. */
export interface StoredExtent {
  readonly fileOffset: number;
  readonly digest: Buffer;
  readonly location: Omit<ChunkLocation, "kind">;
}

/** Writes a row at an offset of some bytes. */
export function writeExtent(
  bytes: Buffer,
  at: number,
  { fileOffset, digest, location }: StoredExtent,
): void {
  writeUint64(bytes, at, fileOffset);
  bytes.writeUInt32LE(location.pack, at + 8);
  bytes.writeUInt32LE(location.lengthBytes, at + 12);
  writeUint64(bytes, at + 16, location.offset);
  bytes.set(location.checksum, at + 24);
  bytes.set(digest, at + 32);
}

/** Yields the rows of a table; digests and checksums are views of it. */
export function* decodeExtents(table: Buffer): Generator<StoredExtent> {
  for (let at = 0; at < table.length; at += EXTENT_BYTES) {
    yield {
      fileOffset: readUint64(table, at),
      digest: table.subarray(at + 32, at + 64),
      location: {
        pack: table.readUInt32LE(at + 8),
        lengthBytes: table.readUInt32LE(at + 12),
        offset: readUint64(table, at + 16),
        checksum: table.subarray(at + 24, at + 32),
      },
    };
  }
}

const WORD = 2 ** 32;

function writeUint64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % WORD, at);
  bytes.writeUInt32LE(Math.floor(value / WORD), at + 4);
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * WORD;
}
