/**
 * Inode codec: an inode, with what lies behind it but a chunk's bytes (see FORMAT.md, "Inode").
 */
import type { ImageInode } from "./image-inode.js";
import { alignUp, BLOCK_BYTES, DATA_LAYOUTS, NO_BLOCK, SLOT_BYTES } from "./layout.js";
import { xattrUnits } from "./xattr-codec.js";

const COMPACT_BYTES = 32;
const EXTENDED_BYTES = 64;
const CHUNK_INDEX_BYTES = 8;
/** Of a chunk-based inode: 8-byte indexes follow, not 4-byte addresses. */
const CHUNKS_BY_INDEX = 0x20;

/** The time that all compact inodes of an image have. */
export interface CompactTime {
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
}

/** Where the image's areas begin, in blocks. */
export interface BlockBases {
  readonly directories: number;
  readonly data: number;
}

/** Returns whether the short form holds all of an inode. */
export function fitsCompact(inode: ImageInode, time: CompactTime): boolean {
  return (
    inode.mtimeSeconds === time.mtimeSeconds &&
    inode.mtimeNanoseconds === time.mtimeNanoseconds &&
    inode.uid <= 0xffff &&
    inode.gid <= 0xffff &&
    inode.linkCount <= 0xffff &&
    inode.sizeBytes <= 0xffff_ffff
  );
}

/** Returns the bytes of an inode and its attributes, without what follows them. */
export function coreBytes(inode: Pick<ImageInode, "isCompact" | "xattrs">): number {
  return (inode.isCompact ? COMPACT_BYTES : EXTENDED_BYTES) + inode.xattrs.length;
}

/** Returns how many bytes follow an inode and its attributes. */
export function trailingBytes(inode: ImageInode): number {
  const { body } = inode;
  switch (body.form) {
    case "inline":
      return body.bytes.length;
    case "inline-chunk":
      return inode.sizeBytes;
    case "directory":
      return body.directory.tailBytes;
    case "chunks":
      return chunkIndexGap(inode) + body.map.blocks.length * CHUNK_INDEX_BYTES;
    default:
      return 0;
  }
}

/** Returns the largest tail that fits behind an inode into one block. */
export function inlineBytesMax(inode: Pick<ImageInode, "isCompact" | "xattrs">): number {
  return BLOCK_BYTES - coreBytes(inode);
}

/**
 * Writes an inode, its attributes, and its chunk indexes or target. The tail of a directory and the bytes of
 * a chunk are left to the caller.
 *
 * @param record zeroed, of the inode's length
 */
export function encodeInode(inode: ImageInode, record: Buffer, bases: BlockBases): void {
  const { body } = inode;
  record.writeUInt16LE((inode.isCompact ? 0 : 1) | (dataLayout(inode) << 1), 0);
  record.writeUInt16LE(xattrUnits(inode.xattrs.length), 2);
  record.writeUInt16LE(inode.mode, 4);
  record.writeUInt32LE(bodyWord(inode, bases), 16);
  record.writeUInt32LE((inode.position / SLOT_BYTES) >>> 0, 20);
  if (inode.isCompact) {
    record.writeUInt16LE(inode.linkCount, 6);
    record.writeUInt32LE(inode.sizeBytes, 8);
    record.writeUInt16LE(inode.uid, 24);
    record.writeUInt16LE(inode.gid, 26);
  } else {
    writeUInt64(record, inode.sizeBytes, 8);
    record.writeUInt32LE(inode.uid, 24);
    record.writeUInt32LE(inode.gid, 28);
    writeUInt64(record, inode.mtimeSeconds, 32);
    record.writeUInt32LE(inode.mtimeNanoseconds, 40);
    record.writeUInt32LE(inode.linkCount, 44);
  }
  const core = coreBytes(inode);
  record.set(inode.xattrs, core - inode.xattrs.length);
  if (body.form === "inline") record.set(body.bytes, core);
  else if (body.form === "chunks") writeChunkNumberses(inode, record, body.map, bases.data);
}

/** Indexes lie on multiples of their size. */
function chunkIndexGap(inode: Pick<ImageInode, "isCompact" | "xattrs">): number {
  return alignUp(coreBytes(inode), CHUNK_INDEX_BYTES) - coreBytes(inode);
}

function dataLayout({ body }: ImageInode): number {
  switch (body.form) {
    case "inline":
    case "inline-chunk":
      return DATA_LAYOUTS.inline;
    case "chunks":
      return DATA_LAYOUTS.chunks;
    case "directory":
      return body.directory.tailBytes > 0 ? DATA_LAYOUTS.inline : DATA_LAYOUTS.plain;
    default:
      return DATA_LAYOUTS.plain;
  }
}

function bodyWord({ body }: ImageInode, bases: BlockBases): number {
  switch (body.form) {
    case "none":
      return body.deviceNumber;
    case "blocks":
      return bases.data + body.block;
    case "chunks":
      return body.map.chunkBits | CHUNKS_BY_INDEX;
    case "directory":
      return bases.directories + body.directory.block;
    default:
      // Nothing lies before the tail: mkfs.erofs says so in the same way.
      return NO_BLOCK;
  }
}

function writeChunkNumberses(
  inode: ImageInode,
  record: Buffer,
  map: { readonly devices: Uint16Array; readonly blocks: Uint32Array },
  dataBase: number,
): void {
  let at = coreBytes(inode) + chunkIndexGap(inode);
  for (let index = 0; index < map.blocks.length; index++) {
    const device = map.devices[index] as number;
    const block = map.blocks[index] as number;
    record.writeUInt16LE(device, at + 2);
    record.writeUInt32LE(device === 0 && block !== NO_BLOCK ? dataBase + block : block, at + 4);
    at += CHUNK_INDEX_BYTES;
  }
}

/** Two's complement for negative numbers, as the kernel reads a time. */
function writeUInt64(record: Buffer, value: number, at: number): void {
  record.writeUInt32LE(value >>> 0, at);
  record.writeInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
