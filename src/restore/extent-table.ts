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
import type { Extent } from "../tree/content-reader.js";
import { isHole } from "../tree/content-reader.js";

const EXTENT_BYTES = 64;

/** A run of bytes of a file and where it is stored. */
export interface StoredExtent {
  readonly fileOffset: number;
  readonly digest: Buffer;
  readonly location: Pick<ChunkLocation, "pack" | "offset" | "lengthBytes" | "checksum">;
}

/**
 * Returns the table of a content's extents; holes are left out.
 *
 * @param locate where a chunk lies; throws for one that is missing
 */
export function encodeExtents(
  extents: Iterable<Extent>,
  locate: (digest: Buffer) => ChunkLocation,
): Buffer {
  const rows: Buffer[] = [];
  for (const extent of extents) {
    if (isHole(extent)) continue;
    const location = locate(extent.digest);
    const row = Buffer.allocUnsafe(EXTENT_BYTES);
    row.writeBigUInt64LE(BigInt(extent.offset), 0);
    row.writeUInt32LE(location.pack, 8);
    row.writeUInt32LE(location.lengthBytes, 12);
    row.writeBigUInt64LE(BigInt(location.offset), 16);
    location.checksum.copy(row, 24);
    extent.digest.copy(row, 32);
    rows.push(row);
  }
  return Buffer.concat(rows);
}

/** Yields the rows of a table; digests and checksums are views of it. */
export function* decodeExtents(table: Buffer): Generator<StoredExtent> {
  for (let at = 0; at < table.length; at += EXTENT_BYTES) {
    yield {
      fileOffset: Number(table.readBigUInt64LE(at)),
      digest: table.subarray(at + 32, at + 64),
      location: {
        pack: table.readUInt32LE(at + 8),
        lengthBytes: table.readUInt32LE(at + 12),
        offset: Number(table.readBigUInt64LE(at + 16)),
        checksum: table.subarray(at + 24, at + 32),
      },
    };
  }
}
