/**
 * File status: what the scan asks of a file, whether statx(2) or node:fs told it.
 */

import type { BigIntStats } from "node:fs";
import { constants, lstatSync } from "node:fs";
import { splitDeviceNumber } from "../system/device-number.js";
import { STATX, STATX_WORDS } from "../system/file-status.js";
import type { SystemPath } from "../system/system-path.js";
import {
  changeTimeMs,
  identityOf,
  LANES,
  lanesEqual,
  setLanesFromStatx,
  sizeOf,
} from "./stat-lanes.js";

/** Bytes of the unit in which a file's blocks are counted. */
const BLOCK_BYTES = 512;
const TWO_32 = 0x1_0000_0000;

export class FileStatus {
  /** See stat-lanes. */
  readonly lanes: Uint32Array;
  readonly nlink: number;
  /** Of a device file. */
  readonly device: { readonly major: number; readonly minor: number };
  readonly #blocks: number;

  constructor(
    lanes: Uint32Array,
    nlink: number,
    blocks: number,
    device: { major: number; minor: number },
  ) {
    this.lanes = lanes;
    this.nlink = nlink;
    this.#blocks = blocks;
    this.device = device;
  }

  /** Returns the status that statx(2) wrote into a place of a batch. */
  static fromStatx(words: Uint32Array, slot: number): FileStatus {
    const lanes = new Uint32Array(LANES);
    setLanesFromStatx(lanes, 0, words, slot);
    const base = slot * STATX_WORDS;
    const word = (index: number): number => words[base + index] as number;
    const blocks = word(STATX.blocks) + word(STATX.blocks + 1) * TWO_32;
    return new FileStatus(lanes, word(STATX.nlink), blocks, {
      major: word(STATX.rdevMajor),
      minor: word(STATX.rdevMinor),
    });
  }

  static fromStat(stat: BigIntStats): FileStatus {
    const lanes = new Uint32Array(LANES);
    const words = new BigInt64Array(lanes.buffer);
    const { major, minor } = splitDeviceNumber(stat.dev);
    lanes[0] = major;
    lanes[1] = minor;
    words[1] = stat.ino;
    words[2] = stat.size;
    const mtime = splitTime(stat.mtimeNs);
    const ctime = splitTime(stat.ctimeNs);
    words[3] = mtime.seconds;
    words[4] = ctime.seconds;
    lanes[10] = mtime.nanoseconds;
    lanes[11] = ctime.nanoseconds;
    lanes[12] = Number(stat.mode);
    lanes[13] = Number(stat.uid);
    lanes[14] = Number(stat.gid);
    return new FileStatus(
      lanes,
      Number(stat.nlink),
      Number(stat.blocks),
      splitDeviceNumber(stat.rdev),
    );
  }

  /** Returns the status of a path without following a final link, or `undefined` where there is nothing. */
  static ofPath(path: SystemPath): FileStatus | undefined {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : FileStatus.fromStat(stat);
  }

  /** One of the `S_IF...` constants. */
  get type(): number {
    return (this.lanes[12] as number) & constants.S_IFMT;
  }

  get isFile(): boolean {
    return this.type === constants.S_IFREG;
  }

  get isDirectory(): boolean {
    return this.type === constants.S_IFDIR;
  }

  /** Whether overlayfs hides what lies below under this name: a character device 0:0. */
  get isWhiteout(): boolean {
    return this.type === constants.S_IFCHR && this.device.major === 0 && this.device.minor === 0;
  }

  /** Permission bits with set-user-ID, set-group-ID and sticky. */
  get permissions(): number {
    return (this.lanes[12] as number) & 0o7777;
  }

  get sizeBytes(): number {
    return sizeOf(this.lanes, 0);
  }

  /** Whether it takes less room than its size: it has holes, or is compressed by the file system. */
  get isSparse(): boolean {
    return this.#blocks * BLOCK_BYTES < this.sizeBytes;
  }

  get uid(): number {
    return this.lanes[13] as number;
  }

  get gid(): number {
    return this.lanes[14] as number;
  }

  /** Whole seconds since 1970, rounded down. */
  get mtimeSeconds(): number {
    return ((this.lanes[7] as number) | 0) * TWO_32 + (this.lanes[6] as number);
  }

  /** Milliseconds since 1970. */
  get ctimeMs(): number {
    return changeTimeMs(this.lanes, 0);
  }

  get mtimeNanoseconds(): number {
    return this.lanes[10] as number;
  }

  /** Device and inode. */
  get identity(): string {
    return identityOf(this.lanes, 0);
  }

  /** Returns whether nothing touched the file between this look and another. */
  isSameState(other: FileStatus): boolean {
    return lanesEqual(this.lanes, 0, other.lanes, 0);
  }
}

/** Rounded down, also before 1970, so that nanoseconds always count upwards. */
function splitTime(ns: bigint): { seconds: bigint; nanoseconds: number } {
  const nanoseconds = ((ns % NS) + NS) % NS;
  return { seconds: (ns - nanoseconds) / NS, nanoseconds: Number(nanoseconds) };
}

const NS = 1_000_000_000n;
