/**
 * Stat cache: the directory blocks of the last scan of a directory, in one file. A cache: it may be
 * deleted at any time, and one that is damaged counts as none.
 *
 * Little-endian:
 *
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 8 | `COPPSTAT` |
 * | 8 | 4 | version: 1 |
 * | 16 | 8 | bytes of the file |
 * | 24 | 8 | offset of the root's block |
 * | 32 | 16 | the store's id |
 * | 48 | 8 | XXH64 of everything from byte 64 on |
 * | 56 | 8 | the mount that it holds for (see cache-place); 0 for any |
 * | 64 | | blocks, subdirectories before their parents (see directory-block) |
 */
import type { Disk } from "../disk/disk.js";
import { xxh64Of } from "../hash/xxh64.js";
import type { CachePlace } from "./cache-place.js";
import type { DirectoryBlock } from "./directory-block.js";
import type { ScannedDirectory } from "./scanned-directory.js";
import { distrust, distrustRecent, sameDevice } from "./stat-lanes.js";

const MAGIC = Buffer.from("COPPSTAT", "latin1");
const VERSION = 1;
const HEADER_BYTES = 64;

/** A loaded cache; `rootBlock` is 0 where there is none. */
export interface StatCache {
  readonly memory: SharedArrayBuffer;
  readonly rootBlock: number;
}

export const NO_CACHE: StatCache = { memory: new SharedArrayBuffer(0), rootBlock: 0 };

/** Loads the cache of a directory into memory that threads share. Reads the whole file, about 200 bytes an entry. */
export function loadStatCache(disk: Disk, place: CachePlace): StatCache {
  const bytes = disk.readFile(place.path);
  if (bytes === undefined || bytes.length < HEADER_BYTES || !isValid(bytes, place)) return NO_CACHE;
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return { memory, rootBlock: Number(bytes.readBigUInt64LE(24)) };
}

/**
 * Saves the blocks of a scan, where the disk takes them.
 *
 * @param directories of the scan, parents before what is below them
 * @param sinceMs when the scan began: what changed just before is distrusted
 */
export function saveStatCache(
  disk: Disk,
  { path, storeId, mount }: CachePlace,
  directories: readonly ScannedDirectory[],
  sinceMs: number,
): void {
  if (mount === undefined) return;
  const root = (directories[0] as ScannedDirectory).block;
  const offsets = new Map<ScannedDirectory, number>();
  const pieces: Buffer[] = [];
  let offset = HEADER_BYTES;
  for (let index = directories.length - 1; index >= 0; index--) {
    const directory = directories[index] as ScannedDirectory;
    if (directory.isGone) continue;
    const block = directory.isShared ? directory.block.copy() : directory.block;
    for (const child of directory.children)
      block.setChildBlock(child.entry, offsets.get(child) ?? 0);
    if (!directory.isShared) distrustBlock(block, root, sinceMs);
    offsets.set(directory, offset);
    pieces.push(block.bytes);
    offset += block.bytes.length;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeBigUInt64LE(BigInt(offset), 16);
  header.writeBigUInt64LE(BigInt(offsets.get(directories[0] as ScannedDirectory) ?? 0), 24);
  header.write(storeId, 32, 16, "hex");
  header.writeBigUInt64LE(xxh64Of(pieces), 48);
  header.writeBigUInt64LE(mount, 56);
  try {
    disk.replace(path, [header, Buffer.concat(pieces)]);
  } catch {
    // What it was saved for is done; without it, or with an older one, the next scan reads more.
  }
}

/** What another file system holds is not in the mount that the cache holds for. */
function distrustBlock(block: DirectoryBlock, root: DirectoryBlock, sinceMs: number): void {
  const judge = (at: number): void => {
    if (!sameDevice(block.lanes, at, root.lanes, root.ownLanes)) distrust(block.lanes, at);
    else distrustRecent(block.lanes, at, sinceMs);
  };
  judge(block.ownLanes);
  for (let entry = 0; entry < block.entryCount; entry++) judge(block.lanesOf(entry));
}

function isValid(bytes: Buffer, { storeId, mount }: CachePlace): boolean {
  return (
    bytes.subarray(0, 8).equals(MAGIC) &&
    bytes.readUInt32LE(8) === VERSION &&
    bytes.readBigUInt64LE(16) === BigInt(bytes.length) &&
    bytes.toString("hex", 32, 48) === storeId &&
    bytes.readBigUInt64LE(56) === mount &&
    bytes.readBigUInt64LE(48) === xxh64Of([bytes.subarray(HEADER_BYTES)])
  );
}
