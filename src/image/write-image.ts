/**
 * Write image: an EROFS image of a source, as a file (see FORMAT.md).
 *
 * The file is written under a temporary name beside its own and renamed when all of it is there: an image exists whole
 * or not at all.
 */
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { Disk } from "../disk/disk.js";
import { CoppiceError } from "../model/error.js";
import type { OnProgress } from "../model/options.js";
import { abortError, explainSystemError } from "../model/system-failure.js";
import { inTurns } from "../threads/in-turns.js";
import type { ChunkNumbers } from "./chunk-numbers.js";
import { imageSegments } from "./image-segments.js";
import type { ImageSource } from "./image-source.js";
import { BLOCK_BYTES, blockCount } from "./layout.js";
import { placeInodes } from "./place-inodes.js";
import type { OmittedXattr } from "./plan-image.js";
import { planImage } from "./plan-image.js";
import { DEVICES_MAX, encodeHeader, headerBytes } from "./superblock-codec.js";

/** What an image is to be. */
export interface ImageOptions {
  /**
   * Where the bytes of large files are: `packs` leaves them in the store, whose packs are devices of the image;
   * `image` copies all of them.
   */
  readonly data: "packs" | "image";
  /** Whether overlayfs will read it: attributes that it would act upon are escaped. @default false */
  readonly isLayer?: boolean;
  /** Whether the image is on stable storage when this returns; one in a cache need not be. @default false */
  readonly sync?: boolean;
  /** 16 bytes that tell it from others. @default zeros */
  readonly uuid?: Buffer;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** What became of it. */
export interface ImageReport {
  readonly sizeBytes: number;
  readonly inodeCount: number;
  /** Names of the packs that it points into, in the order in which they are to be given as devices. */
  readonly packs: readonly string[];
  /** Bytes of its data area: what was copied and is not behind an inode, in whole blocks. */
  readonly dataBytes: number;
  /** Extended attributes that EROFS cannot hold; the list has at most 1,000. */
  readonly omittedXattrs: readonly OmittedXattr[];
  readonly omittedXattrCount: number;
}

/**
 * What need not be on stable storage is written in pieces for which the disk does not start writeback: that
 * took 120 ms for an image of 208 MB.
 */
const UNSYNCED_PIECE_BYTES = 512 * 1024;

/**
 * Writes an image. Costs, for 94,000 entries of which 70,000 are files under 4 KiB, about half a second.
 *
 * @param index of the store whose chunks the source refers to
 * @param disk where the file is to be, and nothing else of the store
 * @param path below the disk's directory; what is there is replaced
 * @throws {CoppiceError} CORRUPT, naming the chunk; DISK_FULL; UNSUPPORTED for a name or target that EROFS cannot
 * hold, or too many packs; ABORTED. There is no file then, and an old one stays
 */
export async function writeImage(
  index: ChunkNumbers,
  source: ImageSource,
  disk: Disk,
  path: string,
  options: ImageOptions,
): Promise<ImageReport> {
  // Not its own name with something added: that may be as long as names can be.
  const temporary = join(dirname(path), `.coppice-image.${randomBytes(8).toString("hex")}.tmp`);
  const { signal } = options;
  const check = (): void => {
    if (signal?.aborted === true) throw abortError(signal, "write image", "no file was left");
  };
  try {
    check();
    const report = await inTurns(makeImage(index, source, disk, temporary, options), check);
    disk.rename(temporary, path);
    if (options.sync === true) disk.syncDirectory(dirname(path));
    return report;
  } catch (error) {
    disk.remove(temporary);
    throw explainSystemError(error, `write image ${path}`);
  }
}

/** Does the work; yields now and then, for others to get a turn. */
function* makeImage(
  index: ChunkNumbers,
  source: ImageSource,
  disk: Disk,
  path: string,
  options: ImageOptions,
): Generator<void, ImageReport> {
  const mapsPacks = options.data === "packs";
  const plan = yield* planImage(source, index, { mapsPacks, isLayer: options.isLayer ?? false });
  const { bodies } = plan;
  const packs = new Map(index.packs().map((pack) => [pack.id, pack]));
  const devices = bodies.packs.map((id) => {
    const pack = packs.get(id);
    if (pack === undefined) throw new Error(`Pack ${id} has chunks, so the catalog lists it`);
    return { tag: pack.name, blocks: blockCount(pack.lengthBytes) };
  });
  if (devices.length > DEVICES_MAX)
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot point into ${devices.length} packs: ${DEVICES_MAX} is the most, copy all data into the image`,
    );
  const { end, directoryBlocks } = placeInodes(plan, headerBytes(devices.length));
  const directories = blockCount(end);
  const data = directories + directoryBlocks;
  const blocks = data + bodies.blocks;
  const header = encodeHeader({
    ...plan.time,
    rootPosition: plan.inodes[0]!.position,
    inodeCount: plan.inodes.length,
    blocks,
    hasChunks: bodies.hasChunks,
    uuid: options.uuid,
    devices,
  });
  const file = disk.open(path, "create");
  try {
    const segments = imageSegments(plan, { directories, data }, blocks, header, index);
    const pieceBytes = options.sync === true ? Number.POSITIVE_INFINITY : UNSYNCED_PIECE_BYTES;
    for (const { position, bytes } of segments) {
      for (let at = 0; at < bytes.length; at += pieceBytes)
        file.write(bytes.subarray(at, at + pieceBytes), position + at);
      options.onProgress?.({
        phase: "image",
        bytes: position + bytes.length,
        total: blocks * BLOCK_BYTES,
      });
      yield;
    }
    if (options.sync === true) file.sync();
  } finally {
    file.close();
  }
  return {
    sizeBytes: blocks * BLOCK_BYTES,
    inodeCount: plan.inodes.length,
    packs: devices.map(({ tag }) => tag),
    dataBytes: bodies.blocks * BLOCK_BYTES,
    omittedXattrs: plan.omittedXattrs,
    omittedXattrCount: plan.omittedXattrCount,
  };
}
