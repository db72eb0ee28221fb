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

/** A directory's names in order, `.` and `..` among them, and how they are divided into blocks. */
export interface PackedDirectory {
  readonly names: readonly Buffer[];
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
  let used = 0;
  for (let index = 0; index < names.length; index++) {
    const bytes = ENTRY_BYTES + (names[index] as Buffer).length;
    if (used + bytes > BLOCK_BYTES) {
      starts.push(index);
      used = 0;
    }
    used += bytes;
  }
  const sizeBytes = (starts.length - 1) * BLOCK_BYTES + used;
  return { names, inodes, starts, sizeBytes, tailBytes: 0, block: 0 };
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
  const { names, inodes, starts } = directory;
  const first = starts[block] as number;
  const end = starts[block + 1] ?? names.length;
  let entryAt = at;
  let nameOffset = (end - first) * ENTRY_BYTES;
  for (let index = first; index < end; index++) {
    const name = names[index] as Buffer;
    const inode = inodes[index] as ImageInode;
    const number = inode.position / SLOT_BYTES;
    into.writeUInt32LE(number >>> 0, entryAt);
    into.writeUInt32LE(Math.floor(number / 0x1_0000_0000), entryAt + 4);
    into.writeUInt16LE(nameOffset, entryAt + 8);
    into[entryAt + 10] = ENTRY_TYPES[inode.mode >> TYPE_SHIFT] as number;
    into.set(name, at + nameOffset);
    nameOffset += name.length;
    entryAt += ENTRY_BYTES;
  }
}

const DOT = Buffer.from(".");
const DOT_DOT = Buffer.from("..");

/** Names that begin with `!` or `-`, for instance, come before `.`. */
function insertInOrder(
  names: Buffer[],
  inodes: ImageInode[],
  name: Buffer,
  inode: ImageInode,
): void {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] as Buffer).compare(name) < 0) low = middle + 1;
    else high = middle;
  }
  names.splice(low, 0, name);
  inodes.splice(low, 0, inode);
}
