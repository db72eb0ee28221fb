/**
 * Sync descriptors: the synchronous calls of node:fs on open files.
 */

import type {
  BigIntOptions,
  Data,
  NumberOptions,
  ReadOptions,
  StatOptions,
  Time,
} from "./file-options.js";
import type { Caller } from "./posix/caller.js";
import {
  bytesIn,
  bytesOf,
  checkBuffers,
  checkInteger,
  checkOwner,
  checkSize,
  optionsOf,
} from "./posix/check-arguments.js";
import { momentOf, setAttributes, setOwner } from "./posix/inode-calls.js";
import type { OpenFile } from "./posix/open-file.js";
import { openFile } from "./posix/open-file.js";
import { openFlags, parseMode } from "./posix/open-flags.js";
import type { PathLike } from "./posix/path-bytes.js";
import { pathBytes, textOf } from "./posix/path-bytes.js";
import type { CallSubject } from "./posix/refusal.js";
import { calling, refuse } from "./posix/refusal.js";
import { OverlayBigIntStats, OverlayStats } from "./stats.js";

export class SyncDescriptors {
  /** @internal */
  readonly caller: Caller;
  readonly #open = new Map<number, OpenFile>();
  #next = 3;
  #isEnded = false;

  /** @internal */
  constructor(caller: Caller) {
    this.caller = caller;
  }

  /** As fs.openSync. */
  openSync(path: PathLike, flags?: string | number, mode?: string | number): number {
    const file = this.on("open", path, (bytes) =>
      openFile(this.caller, bytes, openFlags(flags, "r"), parseMode(mode, 0o666)),
    );
    this.#open.set(this.#next, file);
    return this.#next++;
  }

  /** As fs.closeSync. */
  closeSync(descriptor: number): void {
    this.onOpen("close", descriptor, (file) => file.close());
    this.#open.delete(descriptor);
  }

  /** As fs.readSync. */
  readSync(
    descriptor: number,
    buffer: NodeJS.ArrayBufferView,
    offsetOrOptions?: number | ReadOptions | null,
    length?: number | null,
    position?: number | bigint | null,
  ): number {
    const given =
      typeof offsetOrOptions === "object" && offsetOrOptions !== null
        ? offsetOrOptions
        : { offset: offsetOrOptions, length, position };
    const target = partOf(bytesIn("buffer", buffer), given.offset, given.length);
    // As node:fs, which makes no call for nothing.
    if (target.length === 0) return 0;
    return this.onOpen("read", descriptor, (file) => file.read(target, positionOf(given.position)));
  }

  /** As fs.readvSync. */
  readvSync(
    descriptor: number,
    buffers: readonly NodeJS.ArrayBufferView[],
    position?: number | null,
  ): number {
    checkBuffers(buffers);
    return this.#each(buffers, position, (buffer, at) =>
      this.readSync(descriptor, buffer, { position: at }),
    );
  }

  /** As fs.writeSync. */
  writeSync(
    descriptor: number,
    data: Data,
    offsetOrPosition?: number | ReadOptions | null,
    lengthOrEncoding?: number | BufferEncoding | null,
    position?: number | null,
  ): number {
    let bytes: Uint8Array;
    let at: number | bigint | null | undefined = position;
    if (typeof data === "string") {
      // As node:fs, which takes what is no text for none.
      const encoding = typeof lengthOrEncoding === "string" ? lengthOrEncoding : undefined;
      bytes = bytesOf(data, optionsOf<{ readonly encoding?: BufferEncoding }>(encoding).encoding);
      at = offsetOrPosition as number | null | undefined;
    } else if (typeof offsetOrPosition === "object" && offsetOrPosition !== null) {
      bytes = partOf(bytesIn("buffer", data), offsetOrPosition.offset, offsetOrPosition.length);
      at = offsetOrPosition.position;
    } else {
      const length = lengthOrEncoding as number | null | undefined;
      bytes = partOf(bytesIn("buffer", data), offsetOrPosition, length);
    }
    return this.onOpen("write", descriptor, (file) => file.write(bytes, positionOf(at)));
  }

  /** As fs.writevSync. */
  writevSync(
    descriptor: number,
    buffers: readonly NodeJS.ArrayBufferView[],
    position?: number | null,
  ): number {
    checkBuffers(buffers);
    // For all of them, or none is written.
    this.caller.tree.memory.makeRoom(buffers.reduce((sum, { byteLength }) => sum + byteLength, 0));
    return this.#each(buffers, position, (buffer, at) =>
      this.writeSync(descriptor, buffer, { position: at }),
    );
  }

  /** As fs.ftruncateSync. */
  ftruncateSync(descriptor: number, length?: number | null): void {
    const sizeBytes = checkSize("len", length);
    this.onOpen("ftruncate", descriptor, (file) => file.truncate(sizeBytes));
  }

  /** As fs.fstatSync. */
  fstatSync(descriptor: number, options?: NumberOptions): OverlayStats;
  /** As fs.fstatSync. */
  fstatSync(descriptor: number, options: BigIntOptions): OverlayBigIntStats;
  /** As fs.fstatSync. */
  fstatSync(descriptor: number, options?: StatOptions): OverlayStats | OverlayBigIntStats;
  /** As fs.fstatSync. */
  fstatSync(descriptor: number, options: StatOptions = {}): OverlayStats | OverlayBigIntStats {
    const inode = this.onOpen("fstat", descriptor, (file) => file.inode);
    return options.bigint === true ? new OverlayBigIntStats(inode) : new OverlayStats(inode);
  }

  /** As fs.fchmodSync. */
  fchmodSync(descriptor: number, mode: string | number): void {
    const bits = parseMode(mode) & 0o7777;
    this.onOpen("fchmod", descriptor, ({ inode }) =>
      setAttributes(this.caller.tree, inode, { mode: bits }),
    );
  }

  /** As fs.fchownSync. */
  fchownSync(descriptor: number, uid: number, gid: number): void {
    const [user, group] = [checkOwner("uid", uid), checkOwner("gid", gid)];
    this.onOpen("fchown", descriptor, ({ inode }) =>
      setOwner(this.caller.tree, inode, user, group),
    );
  }

  /** As fs.futimesSync. */
  futimesSync(descriptor: number, accessed: Time, modified: Time): void {
    const times = { accessed: momentOf(accessed), modified: momentOf(modified) };
    this.onOpen("futime", descriptor, ({ inode }) => setAttributes(this.caller.tree, inode, times));
  }

  /** What is in an overlay is in memory until it is captured: there is nothing to write out. */
  fsyncSync(descriptor: number): void {
    this.onOpen("fsync", descriptor, ({ inode }) => void inode);
  }

  /** As fs.fdatasyncSync. */
  fdatasyncSync(descriptor: number): void {
    this.onOpen("fdatasync", descriptor, ({ inode }) => void inode);
  }

  /**
   * Closes what is open, as its overlay ends.
   *
   * @internal
   */
  closeAll(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
    this.#isEnded = true;
  }

  /** @internal */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Makes a call on a path, with the error that node:fs would throw.
   *
   * @internal
   */
  protected on<T>(syscall: string, path: PathLike, body: (bytes: string) => T): T {
    const bytes = pathBytes(path);
    return calling({ syscall, path: textOf(bytes) }, () => body(bytes));
  }

  /**
   * Makes a call on an open file, with the error that node:fs would throw.
   *
   * @internal
   */
  protected onOpen<T>(syscall: string, descriptor: number, body: (file: OpenFile) => T): T {
    checkInteger("fd", descriptor, 0, 2 ** 31 - 1);
    const subject: CallSubject = { syscall };
    return calling(subject, () => body(this.#open.get(descriptor) ?? refuse("EBADF")));
  }

  #each(
    buffers: readonly NodeJS.ArrayBufferView[],
    position: number | null | undefined,
    transfer: (buffer: NodeJS.ArrayBufferView, position: number | null) => number,
  ): number {
    let done = 0;
    for (const buffer of buffers) {
      const count = transfer(buffer, typeof position === "number" ? position + done : null);
      done += count;
      if (count < buffer.byteLength) break;
    }
    return done;
  }
}

/** Returns a part of a buffer as bytes. @throws {RangeError} where it is not within the buffer */
function partOf(
  bytes: Uint8Array,
  offset: number | null | undefined,
  length: number | null | undefined,
): Uint8Array {
  const start = checkInteger("offset", offset ?? 0, 0, bytes.length);
  const left = bytes.length - start;
  return bytes.subarray(start, start + checkInteger("length", length ?? left, 0, left));
}

/** Returns where in the file a call is to go; as in node:fs, anything but a whole number from 0 on means where the last one ended. */
function positionOf(position: number | bigint | null | undefined): number | null {
  if (typeof position === "bigint") return position >= 0n ? Number(position) : null;
  return Number.isSafeInteger(position) && (position as number) >= 0 ? (position as number) : null;
}
