/**
 * Pack codec: the header and the index records of a pack (see FORMAT.md).
 */

import { xxh64 } from "../hash/xxh64.js";
import { CoppiceError } from "../model/error.js";
import { CHUNK_ROW_BYTES } from "./chunk-table.js";

/** Bytes before the first chunk. */
export const PACK_HEADER_BYTES = 64;
const PACK_MAGIC = Buffer.from("COPPPACK", "latin1");
const PACK_VERSION = 1;

/**
 * A pack that reaches this length is full. Large, because each pack is a device of a mounted image;
 * bounded, because the dead bytes of a pack are freed sooner where packs are many.
 */
export const PACK_BYTES_MAX = 1024 * 1024 * 1024;

/** Begins an index record; the last bytes are there to notice a text-mode transfer, as in PNG. */
export const INDEX_MAGIC = Buffer.from("CPIX\r\n\x1a\n", "latin1");
export const INDEX_HEADER_BYTES = 40;
export const INDEX_END_MAGIC = 0x4449_5843;
/** Checksum, length and magic at a record's end, so that the last one is found from the end. */
export const INDEX_TRAILER_BYTES = 16;

/** Which pack this is. */
export interface PackIdentity {
  /** 32 hexadecimal digits. */
  readonly storeId: string;
  /** 16 hexadecimal digits, the file's name. */
  readonly name: string;
}

/** Returns a pack's first bytes. */
export function encodePackHeader(identity: PackIdentity, createdMs: number): Buffer {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  PACK_MAGIC.copy(header, 0);
  header.writeUInt32LE(PACK_VERSION, 8);
  header.write(identity.storeId, 16, 16, "hex");
  header.write(identity.name, 32, 8, "hex");
  header.writeBigUInt64LE(BigInt(createdMs), 40);
  header.writeBigUInt64LE(xxh64(header.subarray(0, 56)), 56);
  return header;
}

/**
 * Checks a pack's first bytes.
 *
 * @throws {CoppiceError} CORRUPT, STORE_TOO_NEW
 */
export function checkPackHeader(header: Buffer, identity: PackIdentity): void {
  const problem =
    header.length < PACK_HEADER_BYTES || !header.subarray(0, 8).equals(PACK_MAGIC)
      ? "it does not start as a pack"
      : header.readBigUInt64LE(56) !== xxh64(header.subarray(0, 56))
        ? "its header fails its checksum"
        : header.toString("hex", 16, 32) !== identity.storeId ||
            header.toString("hex", 32, 40) !== identity.name
          ? "it is another pack under this name"
          : undefined;
  if (problem !== undefined)
    throw new CoppiceError("CORRUPT", `Cannot read pack ${identity.name}: ${problem}`, {
      path: packPath(identity.name),
    });
  const version = header.readUInt32LE(8);
  if (version > PACK_VERSION) {
    throw new CoppiceError(
      "STORE_TOO_NEW",
      `Cannot read pack ${identity.name}: its format is version ${version}, this Coppice reads up to ${PACK_VERSION}; upgrade Coppice`,
    );
  }
}

/** Returns which pack a file is by its first bytes, `undefined` where they are no header that is whole and can be read. */
export function readPackHeader(header: Buffer): PackIdentity | undefined {
  if (header.length < PACK_HEADER_BYTES) return undefined;
  const identity = {
    storeId: header.toString("hex", 16, 32),
    name: header.toString("hex", 32, 40),
  };
  try {
    checkPackHeader(header, identity);
    return identity;
  } catch (error) {
    if (error instanceof CoppiceError && error.code === "CORRUPT") return undefined;
    throw error;
  }
}

/**
 * Returns the index record of the chunks that lie between the record before it and itself.
 *
 * @param rows the bytes of a `ChunkTable`
 * @param offset where the record will lie; it is part of it, so that a copy elsewhere is told apart
 * @param regionStart where the record before it ended
 */
export function encodeIndexRecord(
  identity: PackIdentity,
  rows: Buffer,
  offset: number,
  regionStart: number,
): Buffer {
  const record = Buffer.alloc(INDEX_HEADER_BYTES + rows.length + INDEX_TRAILER_BYTES);
  INDEX_MAGIC.copy(record, 0);
  record.writeUInt32LE(record.length, 8);
  record.writeUInt32LE(rows.length / CHUNK_ROW_BYTES, 12);
  record.writeBigUInt64LE(BigInt(offset), 16);
  record.writeBigUInt64LE(BigInt(regionStart), 24);
  record.write(identity.name, 32, 8, "hex");
  rows.copy(record, INDEX_HEADER_BYTES);
  const end = record.length - INDEX_TRAILER_BYTES;
  record.writeBigUInt64LE(xxh64(record.subarray(0, end)), end);
  record.writeUInt32LE(record.length, end + 8);
  record.writeUInt32LE(INDEX_END_MAGIC, end + 12);
  return record;
}

/** Returns a pack's path below the store's directory. */
export function packPath(name: string): string {
  return `packs/${name}.pack`;
}

/** Returns the name of the pack whose file is called so in its folder, `undefined` where it is no pack's. */
export function packNameOf(file: string): string | undefined {
  return /^([0-9a-f]{16})\.pack$/.exec(file)?.[1];
}
