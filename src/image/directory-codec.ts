/**
 * Directory codec: the names of a directory as blocks that can be searched (see FORMAT.md, "Directory").
 */
import type { ImageInode } from "./image-inode.js";
import { FILE_TYPES } from "./image-inode.js";
import { BLOCK_BYTES, blockCount, SLOT_BYTES } from "./layout.js";

const ENTRY_BYTES = 12;
const TYPE_SHIFT = 12;

/** What a directory entry says of its inode's type, by the upper four bits of the mode. */
const ENTRY_TYPES: Readonly<Record<number, number>> = {
  [FILE_TYPES.file >> TYPE_SHIFT]: 1,
  [FILE_TYPES.directory >> TYPE_SHIFT]: 2,
  [FILE_TYPES.characterDevice >> TYPE_SHIFT]: 3,
  [FILE_TYPES.blockDevice >> TYPE_SHIFT]: 4,
  [FILE_TYPES.fifo >> TYPE_SHIFT]: 5,
  [FILE_TYPES.symlink >> TYPE_SHIFT]: 7,
};

/** A directory's names one behind the other, in order, `.` and `..` among them, and how they are divided into blocks. */
export interface PackedDirectory {
  readonly nameBytes: Buffer;
  /** Where each name ends in these bytes. */
  readonly nameEnds: readonly number[];
  readonly inodes: readonly ImageInode[];
  /** Index of each block's first name. */
  readonly starts: readonly number[];
  /** Length of all blocks; only the last one is not full. */
  readonly sizeBytes: number;
  /** Bytes of the last block, where that lies behind the inode; else 0. */
  tailBytes: number;
  /** Its first block, counted from the start of the directories' area. */
  block: number;
}

/**
 * Returns a directory divided into blocks.
 *
 * @param names in the order of their bytes, without `.` and `..`
 * @param inodes of the names
 */
export function packDirectory(
  names: Buffer[],
  inodes: ImageInode[],
  self: ImageInode,
  parent: ImageInode,
): PackedDirectory {
  insertInOrder(names, inodes, DOT, self);
  insertInOrder(names, inodes, DOT_DOT, parent);
  const starts: number[] = [0];
  const nameEnds: number[] = [];
  let nameEnd = 0;
  let used = 0;
  for (let index = 0; index < names.length; index++) {
    const { length } = names[index] as Buffer;
    nameEnds.push((nameEnd += length));
    const bytes = ENTRY_BYTES + length;
    if (used + bytes > BLOCK_BYTES) {
      starts.push(index);
      used = 0;
    }
    used += bytes;
  }
  const sizeBytes = (starts.length - 1) * BLOCK_BYTES + used;
  // Not the names themselves, each of which is a hundred bytes that are held until the image is written.
  const nameBytes = Buffer.concat(names, nameEnd);
  return { nameBytes, nameEnds, inodes, starts, sizeBytes, tailBytes: 0, block: 0 };
}

/** Returns how many blocks lie in the directories' area. */
export function outerBlocks(directory: PackedDirectory): number {
  return blockCount(directory.sizeBytes - directory.tailBytes);
}

/**
 * Writes one block.
 *
 * @param into zeroed
 * @param at where the block begins
 */
export function encodeDirectoryBlock(
  directory: PackedDirectory,
  block: number,
  into: Buffer,
  at: number,
): void {
  const { nameBytes, nameEnds, inodes, starts } = directory;
  const first = starts[block] as number;
  const end = starts[block + 1] ?? nameEnds.length;
  const firstName = nameEnds[first - 1] ?? 0;
  const nameBase = (end - first) * ENTRY_BYTES - firstName;
  let entryAt = at;
  for (let index = first; index < end; index++) {
    const inode = inodes[index] as ImageInode;
    const number = inode.position / SLOT_BYTES;
    into.writeUInt32LE(number >>> 0, entryAt);
    into.writeUInt32LE(Math.floor(number / 0x1_0000_0000), entryAt + 4);
    into.writeUInt16LE(nameBase + (nameEnds[index - 1] ?? 0), entryAt + 8);
    into[entryAt + 10] = ENTRY_TYPES[inode.mode >> TYPE_SHIFT] as number;
    entryAt += ENTRY_BYTES;
  }
  nameBytes.copy(into, entryAt, firstName, nameEnds[end - 1]);
}

const DOT_BYTE = 0x2e;
const DOT = Buffer.from(".");
const DOT_DOT = Buffer.from("..");

/** Names that begin with `!` or `-`, for instance, come before `.`: few, so that they are looked at from the start. */
function insertInOrder(
  names: Buffer[],
  inodes: ImageInode[],
  name: Buffer,
  inode: ImageInode,
): void {
  let at = 0;
  while (at < names.length && isBeforeDots(names[at] as Buffer, name)) at++;
  names.splice(at, 0, name);
  inodes.splice(at, 0, inode);
}

/** Most names are told by their first byte. */
function isBeforeDots(name: Buffer, dots: Buffer): boolean {
  const first = name[0] ?? 0;
  return first === DOT_BYTE ? name.compare(dots) < 0 : first < DOT_BYTE;
}
