/**
 * Superblock codec: the first bytes of an image, with its table of devices (see FORMAT.md, "Superblock").
 */
import { BLOCK_BYTES, SLOT_BYTES } from "./layout.js";

const SUPERBLOCK_AT = 1024;
const SUPERBLOCK_BYTES = 128;
const MAGIC = 0xe0f5_e1e2;
const BLOCK_BITS = 12;
/** Says that extended inodes hold mtime, not ctime; for programs, the kernel does not ask. */
const COMPATIBLE_MTIME = 0x2;
const INCOMPATIBLE_CHUNKS = 0x4;
const INCOMPATIBLE_DEVICES = 0x8;

/** A device slot has 128 bytes, and the table's place is told in such. */
const DEVICE_BYTES = 128;
const TAG_BYTES = 64;
const DEVICES_AT = SUPERBLOCK_AT + SUPERBLOCK_BYTES;

/** With more, the root, which lies behind the table, would have a number of more than two bytes. */
export const DEVICES_MAX = 16_000;

/** A file that an image points into. */
export interface ImageDevice {
  /** What it is, for people: up to 64 ASCII characters. */
  readonly tag: string;
  readonly blocks: number;
}

/** What the superblock says. */
export interface Superblock {
  /** Position of the root's inode. */
  readonly rootPosition: number;
  readonly inodeCount: number;
  /** The mtime of all compact inodes. */
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** Blocks of the image. */
  readonly blocks: number;
  readonly hasChunks: boolean;
  /** 16 bytes; zeros where there is none. */
  readonly uuid: Buffer | undefined;
  readonly devices: readonly ImageDevice[];
}

/** Returns how many bytes superblock and table take, in whole blocks. */
export function headerBytes(deviceCount: number): number {
  return Math.ceil((DEVICES_AT + deviceCount * DEVICE_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Returns the first blocks of an image. */
export function encodeHeader(superblock: Superblock): Buffer {
  const { devices } = superblock;
  const header = Buffer.alloc(headerBytes(devices.length));
  const at = header.subarray(SUPERBLOCK_AT);
  at.writeUInt32LE(MAGIC, 0);
  at.writeUInt32LE(COMPATIBLE_MTIME, 8);
  at.writeUInt8(BLOCK_BITS, 12);
  at.writeUInt16LE(superblock.rootPosition / SLOT_BYTES, 14);
  at.writeBigUInt64LE(BigInt(superblock.inodeCount), 16);
  at.writeBigInt64LE(BigInt(superblock.mtimeSeconds), 24);
  at.writeUInt32LE(superblock.mtimeNanoseconds, 32);
  at.writeUInt32LE(superblock.blocks, 36);
  if (superblock.uuid !== undefined) superblock.uuid.copy(at, 48, 0, 16);
  const features =
    (superblock.hasChunks ? INCOMPATIBLE_CHUNKS : 0) |
    (devices.length > 0 ? INCOMPATIBLE_DEVICES : 0);
  at.writeUInt32LE(features, 80);
  at.writeUInt16LE(devices.length, 86);
  at.writeUInt16LE(devices.length > 0 ? DEVICES_AT / DEVICE_BYTES : 0, 88);
  devices.forEach((device, index) => {
    const slot = DEVICES_AT + index * DEVICE_BYTES;
    header.write(device.tag, slot, TAG_BYTES, "latin1");
    header.writeUInt32LE(device.blocks, slot + 64);
  });
  return header;
}

/** Bytes that `deviceTable` needs. */
export const SUPERBLOCK_END = DEVICES_AT;

/** Where an image's table of devices lies. */
export interface DeviceTable {
  readonly at: number;
  readonly lengthBytes: number;
}

/**
 * Returns where the table of devices lies, or `undefined` where the bytes are no superblock.
 *
 * @param start the first SUPERBLOCK_END bytes of an image
 */
export function deviceTable(start: Buffer): DeviceTable | undefined {
  if (start.readUInt32LE(SUPERBLOCK_AT) !== MAGIC) return undefined;
  return {
    at: start.readUInt16LE(SUPERBLOCK_AT + 88) * DEVICE_BYTES,
    lengthBytes: start.readUInt16LE(SUPERBLOCK_AT + 86) * DEVICE_BYTES,
  };
}

/** Returns the tags of the devices in a table. */
export function deviceTags(table: Buffer): string[] {
  const tags: string[] = [];
  for (let at = 0; at < table.length; at += DEVICE_BYTES)
    tags.push(table.toString("latin1", at, at + TAG_BYTES).replace(/\0+$/, ""));
  return tags;
}
