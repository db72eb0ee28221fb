/**
 * Image segments: the bytes of a planned image, stretch by stretch, so that an image of any size needs the memory of one
 * stretch.
 *
 *     header | inodes | blocks of directories | data
 */
import type { ChunkNumbers } from "./chunk-numbers.js";
import type { PackedDirectory } from "./directory-codec.js";
import { encodeDirectoryBlock } from "./directory-codec.js";
import type { ImageInode } from "./image-inode.js";
import type { BlockBases } from "./inode-codec.js";
import { coreBytes, encodeInode } from "./inode-codec.js";
import { BLOCK_BYTES } from "./layout.js";
import { inodeBytes } from "./place-inodes.js";
import type { ImagePlan } from "./plan-image.js";
import { SegmentReader } from "./segment-reader.js";

/** What is written at once. Chunks of one stretch are read in the order in which they lie in their packs. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** A stretch of an image. */
export interface ImageSegment {
  readonly position: number;
  /** Valid until the next one is asked for. */
  readonly bytes: Buffer;
}

/** Yields the bytes of an image in order. */
export function* imageSegments(
  plan: ImagePlan,
  bases: BlockBases,
  blocks: number,
  header: Buffer,
  index: ChunkNumbers,
): Generator<ImageSegment> {
  const total = blocks * BLOCK_BYTES;
  const inodes = bySegment(plan.inodes, total);
  const reader = new SegmentReader(index);
  const buffer = Buffer.allocUnsafe(Math.min(SEGMENT_BYTES, total));
  const directories = new DirectoryBlocks(plan.directories, bases.directories);
  const data = new DataCopies(plan.bodies, bases.data * BLOCK_BYTES);
  for (let position = 0; position < total; position += SEGMENT_BYTES) {
    const bytes = buffer.subarray(0, Math.min(SEGMENT_BYTES, total - position)).fill(0);
    if (position < header.length) header.copy(bytes, 0, position);
    for (const inode of inodes[position / SEGMENT_BYTES] ?? [])
      putInode(inode, bytes, position, bases, reader);
    directories.put(bytes, position);
    data.put(bytes, position, reader);
    reader.read(bytes);
    yield { position, bytes };
  }
}

/** Returns for each segment the inodes that lie in it, in part at least. */
function bySegment(inodes: readonly ImageInode[], total: number): ImageInode[][] {
  const segments = Array.from({ length: Math.ceil(total / SEGMENT_BYTES) }, (): ImageInode[] => []);
  for (const inode of inodes) {
    const last = Math.floor((inode.position + inodeBytes(inode) - 1) / SEGMENT_BYTES);
    for (let at = Math.floor(inode.position / SEGMENT_BYTES); at <= last; at++)
      segments[at]?.push(inode);
  }
  return segments;
}

function putInode(
  inode: ImageInode,
  segment: Buffer,
  position: number,
  bases: BlockBases,
  reader: SegmentReader,
): void {
  const at = inode.position - position;
  const length = inodeBytes(inode);
  const isWithin = at >= 0 && at + length <= segment.length;
  const record = isWithin ? segment.subarray(at, at + length) : Buffer.alloc(length);
  encodeInode(inode, record, bases);
  // What goes across the end of a segment has chunk indexes or long attributes, and no tail.
  if (!isWithin) record.copy(segment, Math.max(0, at), Math.max(0, -at));
  const { body } = inode;
  if (body.form === "inline-chunk") reader.add(body.row, 0, inode.sizeBytes, at + coreBytes(inode));
  if (body.form === "directory" && body.directory.tailBytes > 0) {
    encodeDirectoryBlock(
      body.directory,
      body.directory.starts.length - 1,
      segment,
      at + coreBytes(inode),
    );
  }
}

/** The blocks of all directories, in order. */
class DirectoryBlocks {
  readonly #directories: readonly PackedDirectory[];
  readonly #base: number;
  #directory = 0;
  #block = 0;

  constructor(directories: readonly PackedDirectory[], base: number) {
    this.#directories = [...directories].sort((a, b) => a.block - b.block);
    this.#base = base;
  }

  /** Puts those that lie in a segment; a segment has whole blocks. */
  put(segment: Buffer, position: number): void {
    for (; this.#directory < this.#directories.length; this.#directory++, this.#block = 0) {
      const directory = this.#directories[this.#directory] as PackedDirectory;
      const outer = directory.starts.length - (directory.tailBytes > 0 ? 1 : 0);
      for (; this.#block < outer; this.#block++) {
        const at = (this.#base + directory.block + this.#block) * BLOCK_BYTES - position;
        if (at >= segment.length) return;
        encodeDirectoryBlock(directory, this.#block, segment, at);
      }
    }
  }
}

/** What is copied into the data area, in the order of its targets. */
class DataCopies {
  readonly #bodies: ImagePlan["bodies"];
  readonly #base: number;
  #at = 0;
  #loose = 0;

  constructor(bodies: ImagePlan["bodies"], base: number) {
    this.#bodies = bodies;
    this.#base = base;
  }

  put(segment: Buffer, position: number, reader: SegmentReader): void {
    const { copies, looseBytes } = this.#bodies;
    for (; this.#at < copies.count; this.#at++) {
      const start = this.#base + copies.target(this.#at) - position;
      if (start >= segment.length) break;
      const length = copies.lengthBytes(this.#at);
      const from = Math.max(0, start);
      const to = Math.min(segment.length, start + length);
      const skip = copies.skipBytes(this.#at) + from - start;
      if (to > from) reader.add(copies.row(this.#at), skip, to - from, from);
      // The rest of it comes in the next segment.
      if (start + length > segment.length) break;
    }
    for (; this.#loose < looseBytes.length; this.#loose++) {
      const { target, bytes } = looseBytes[this.#loose]!;
      const at = this.#base + target - position;
      if (at >= segment.length) break;
      // A target lies in one block.
      segment.set(bytes, at);
    }
  }
}
