/**
 * Stats: what a file in an overlay is, in the shape of fs.Stats and fs.BigIntStats.
 */
import { constants } from "node:fs";
import type { Inode, Moment } from "./inode.js";

/** Which bits of a mode say what a file is. */
const KIND_BITS: Readonly<Record<Inode["kind"], number>> = {
  file: constants.S_IFREG,
  directory: constants.S_IFDIR,
  symlink: constants.S_IFLNK,
  fifo: constants.S_IFIFO,
  "character-device": constants.S_IFCHR,
  "block-device": constants.S_IFBLK,
};

/** The unit in which a file system tells how much room a file takes (stat(2)). */
const BLOCK_BYTES = 512;
/** What reading and writing in is good for. */
const PREFERRED_BYTES = 4096;

/** What a name of any kind can be asked. */
export class KindOfFile {
  readonly #kind: Inode["kind"];

  /** @internal */
  constructor(kind: Inode["kind"]) {
    this.#kind = kind;
  }

  /** Returns whether it is a regular file. */
  isFile(): boolean {
    return this.#kind === "file";
  }

  /** Returns whether it is a directory. */
  isDirectory(): boolean {
    return this.#kind === "directory";
  }

  /** Returns whether it is a symbolic link. */
  isSymbolicLink(): boolean {
    return this.#kind === "symlink";
  }

  /** Returns whether it is a named pipe. */
  isFIFO(): boolean {
    return this.#kind === "fifo";
  }

  /** Returns whether it is a character device. */
  isCharacterDevice(): boolean {
    return this.#kind === "character-device";
  }

  /** Returns whether it is a block device. */
  isBlockDevice(): boolean {
    return this.#kind === "block-device";
  }

  /** Never: snapshots have no sockets. */
  isSocket(): boolean {
    return false;
  }
}

/** As fs.Stats. Times are those of the snapshot until something changes; a directory has one link. */
export class OverlayStats extends KindOfFile {
  /** The same for everything in an overlay. */
  readonly dev = 0;
  /** What it is, and its permissions. */
  readonly mode: number;
  /** How many names it has. */
  readonly nlink: number;
  /** Its owner. */
  readonly uid: number;
  /** Its group. */
  readonly gid: number;
  /** Of a device. */
  readonly rdev: number;
  /** Bytes that reading and writing in is good for. */
  readonly blksize = PREFERRED_BYTES;
  /** Stays the same while the overlay lives, whatever becomes of the file's names. */
  readonly ino: number;
  /** In bytes. */
  readonly size: number;
  /** In units of 512 bytes; holes are counted. */
  readonly blocks: number;
  /** In milliseconds since 1970, as the three that follow. */
  readonly atimeMs: number;
  /** When, in milliseconds since 1970: of the last change of the content. */
  readonly mtimeMs: number;
  /** When, in milliseconds since 1970: of the last change of anything. */
  readonly ctimeMs: number;
  /** When, in milliseconds since 1970: of its making. */
  readonly birthtimeMs: number;

  /** @internal */
  constructor(inode: Inode) {
    super(inode.kind);
    this.mode = KIND_BITS[inode.kind] | inode.mode;
    this.nlink = linksOf(inode);
    this.uid = inode.uid;
    this.gid = inode.gid;
    this.rdev = deviceOf(inode);
    this.ino = inode.number;
    this.size = sizeOf(inode);
    this.blocks = Math.ceil(this.size / BLOCK_BYTES);
    this.atimeMs = milliseconds(inode.accessed);
    this.mtimeMs = milliseconds(inode.modified);
    this.ctimeMs = milliseconds(inode.changed);
    this.birthtimeMs = milliseconds(inode.born);
  }

  /** When: of the last access, as it was set. */
  get atime(): Date {
    return new Date(this.atimeMs);
  }

  /** When: of the last change of the content. */
  get mtime(): Date {
    return new Date(this.mtimeMs);
  }

  /** When: of the last change of anything. */
  get ctime(): Date {
    return new Date(this.ctimeMs);
  }

  /** When: of its making. */
  get birthtime(): Date {
    return new Date(this.birthtimeMs);
  }
}

/** As fs.BigIntStats. */
export class OverlayBigIntStats extends KindOfFile {
  /** The same for everything in an overlay. */
  readonly dev = 0n;
  /** What it is, and its permissions. */
  readonly mode: bigint;
  /** How many names it has. */
  readonly nlink: bigint;
  /** Its owner. */
  readonly uid: bigint;
  /** Its group. */
  readonly gid: bigint;
  /** Of a device, its number. */
  readonly rdev: bigint;
  /** Bytes that reading and writing in is good for. */
  readonly blksize = BigInt(PREFERRED_BYTES);
  /** Stays the same while the overlay lives, whatever becomes of the file's names. */
  readonly ino: bigint;
  /** In bytes. */
  readonly size: bigint;
  /** In units of 512 bytes; holes are counted. */
  readonly blocks: bigint;
  /** When, in nanoseconds since 1970: of the last access, as it was set. */
  readonly atimeNs: bigint;
  /** When, in nanoseconds since 1970: of the last change of the content. */
  readonly mtimeNs: bigint;
  /** When, in nanoseconds since 1970: of the last change of anything. */
  readonly ctimeNs: bigint;
  /** When, in nanoseconds since 1970: of its making. */
  readonly birthtimeNs: bigint;

  /** @internal */
  constructor(inode: Inode) {
    super(inode.kind);
    this.mode = BigInt(KIND_BITS[inode.kind] | inode.mode);
    this.nlink = BigInt(linksOf(inode));
    this.uid = BigInt(inode.uid);
    this.gid = BigInt(inode.gid);
    this.rdev = BigInt(deviceOf(inode));
    this.ino = BigInt(inode.number);
    this.size = BigInt(sizeOf(inode));
    this.blocks = BigInt(Math.ceil(sizeOf(inode) / BLOCK_BYTES));
    this.atimeNs = nanoseconds(inode.accessed);
    this.mtimeNs = nanoseconds(inode.modified);
    this.ctimeNs = nanoseconds(inode.changed);
    this.birthtimeNs = nanoseconds(inode.born);
  }

  /** When, in milliseconds since 1970: of the last access, as it was set. */
  get atimeMs(): bigint {
    return this.atimeNs / 1_000_000n;
  }

  /** When, in milliseconds since 1970: of the last change of the content. */
  get mtimeMs(): bigint {
    return this.mtimeNs / 1_000_000n;
  }

  /** When, in milliseconds since 1970: of the last change of anything. */
  get ctimeMs(): bigint {
    return this.ctimeNs / 1_000_000n;
  }

  /** When, in milliseconds since 1970: of its making. */
  get birthtimeMs(): bigint {
    return this.birthtimeNs / 1_000_000n;
  }

  /** When: of the last access, as it was set. */
  get atime(): Date {
    return new Date(Number(this.atimeMs));
  }

  /** When: of the last change of the content. */
  get mtime(): Date {
    return new Date(Number(this.mtimeMs));
  }

  /** When: of the last change of anything. */
  get ctime(): Date {
    return new Date(Number(this.ctimeMs));
  }

  /** When: of its making. */
  get birthtime(): Date {
    return new Date(Number(this.birthtimeMs));
  }
}

function linksOf({ kind, places }: Inode): number {
  return kind === "directory" ? 1 : places.length;
}

function sizeOf(inode: Inode): number {
  if (inode.kind === "file") return inode.content.sizeBytes;
  return inode.kind === "symlink" ? inode.target.length : 0;
}

/** As Linux puts major and minor into one number, for those that are small. */
function deviceOf(inode: Inode): number {
  return "major" in inode
    ? inode.major * 256 + (inode.minor & 255) + (inode.minor >>> 8) * 0x10_0000
    : 0;
}

function milliseconds({ seconds, nanoseconds }: Moment): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

function nanoseconds({ seconds, nanoseconds: rest }: Moment): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}
