/**
 * Sync attributes: the synchronous calls of node:fs that tell of paths, and set what they have.
 */

import { OverlayDir } from "./directory.js";
import type { OverlayDirent } from "./directory-entry.js";
import type {
  BigIntOptions,
  BufferNames,
  Encoding,
  EncodingOptions,
  MayBeMissing,
  MustBeThere,
  NamesOptions,
  NumberOptions,
  StatOptions,
  StatSyncOptions,
  Time,
} from "./file-options.js";
import type { Inode } from "./inode.js";
import { checkBooleans, checkOwner, checkThreeBits, optionsOf } from "./posix/check-arguments.js";
import type { Last } from "./posix/inode-calls.js";
import {
  checkAccess,
  look,
  momentOf,
  own,
  readLink,
  realPath,
  setAttributes,
  setOwner,
} from "./posix/inode-calls.js";
import type {
  ListBufferEntries,
  ListBuffers,
  ListEntries,
  Listed,
  ListNames,
  ReaddirOptions,
} from "./posix/list-directory.js";
import { listDirectory } from "./posix/list-directory.js";
import { parseMode } from "./posix/open-flags.js";
import type { PathLike } from "./posix/path-bytes.js";
import { encoded, pathBytes, textOf } from "./posix/path-bytes.js";
import { errnoOf, explain } from "./posix/refusal.js";
import { OverlayBigIntStats, OverlayStats } from "./stats.js";
import { SyncDescriptors } from "./sync-descriptors.js";

export class SyncAttributes extends SyncDescriptors {
  /** As fs.statSync. */
  statSync(path: PathLike, options?: NumberOptions & MustBeThere): OverlayStats;
  /** As fs.statSync. */
  statSync(path: PathLike, options: BigIntOptions & MustBeThere): OverlayBigIntStats;
  /** As fs.statSync. */
  statSync(path: PathLike, options: NumberOptions & MayBeMissing): OverlayStats | undefined;
  /** As fs.statSync. */
  statSync(path: PathLike, options: BigIntOptions & MayBeMissing): OverlayBigIntStats | undefined;
  /** As fs.statSync. */
  statSync(path: PathLike, options: StatOptions & MustBeThere): OverlayStats | OverlayBigIntStats;
  /** As fs.statSync. */
  statSync(
    path: PathLike,
    options?: StatSyncOptions,
  ): OverlayStats | OverlayBigIntStats | undefined;
  /** As fs.statSync. */
  statSync(
    path: PathLike,
    options: StatSyncOptions = {},
  ): OverlayStats | OverlayBigIntStats | undefined {
    return this.statOf("stat", path, "follow", options);
  }

  /** As fs.lstatSync. */
  lstatSync(path: PathLike, options?: NumberOptions & MustBeThere): OverlayStats;
  /** As fs.lstatSync. */
  lstatSync(path: PathLike, options: BigIntOptions & MustBeThere): OverlayBigIntStats;
  /** As fs.lstatSync. */
  lstatSync(path: PathLike, options: NumberOptions & MayBeMissing): OverlayStats | undefined;
  /** As fs.lstatSync. */
  lstatSync(path: PathLike, options: BigIntOptions & MayBeMissing): OverlayBigIntStats | undefined;
  /** As fs.lstatSync. */
  lstatSync(path: PathLike, options: StatOptions & MustBeThere): OverlayStats | OverlayBigIntStats;
  /** As fs.lstatSync. */
  lstatSync(
    path: PathLike,
    options?: StatSyncOptions,
  ): OverlayStats | OverlayBigIntStats | undefined;
  /** As fs.lstatSync. */
  lstatSync(
    path: PathLike,
    options: StatSyncOptions = {},
  ): OverlayStats | OverlayBigIntStats | undefined {
    return this.statOf("lstat", path, "take", options);
  }

  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options?: ListNames): string[];
  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options: ListBuffers): Buffer[];
  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options: ListEntries): OverlayDirent[];
  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options: ListBufferEntries): OverlayDirent<Buffer>[];
  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options?: ReaddirOptions | Encoding): Listed[];
  /** As fs.readdirSync. */
  readdirSync(path: PathLike, options?: ReaddirOptions | Encoding): Listed[] {
    return this.#list("scandir", path, optionsOf<ReaddirOptions>(options));
  }

  /** As fs.opendirSync. */
  opendirSync(path: PathLike, options?: ReaddirOptions): OverlayDir {
    const given = { ...optionsOf<ReaddirOptions>(options), withFileTypes: true };
    const entries = this.#list("opendir", path, given);
    return new OverlayDir(textOf(pathBytes(path)), entries as OverlayDirent[]);
  }

  /** As fs.readlinkSync. */
  readlinkSync(path: PathLike, options?: NamesOptions): string;
  /** As fs.readlinkSync. */
  readlinkSync(path: PathLike, options: BufferNames): Buffer;
  /** As fs.readlinkSync. */
  readlinkSync(path: PathLike, options?: EncodingOptions): string | Buffer;
  /** As fs.readlinkSync. */
  readlinkSync(path: PathLike, options?: EncodingOptions): string | Buffer {
    const { encoding } = optionsOf<NamesEncoding>(options);
    const target = this.on("readlink", path, (bytes) => readLink(this.caller.tree, bytes));
    return encoded(target, encoding);
  }

  /** As fs.realpathSync. */
  realpathSync(path: PathLike, options?: NamesOptions): string;
  /** As fs.realpathSync. */
  realpathSync(path: PathLike, options: BufferNames): Buffer;
  /** As fs.realpathSync. */
  realpathSync(path: PathLike, options?: EncodingOptions): string | Buffer;
  /** As fs.realpathSync. */
  realpathSync(path: PathLike, options?: EncodingOptions): string | Buffer {
    const { encoding } = optionsOf<NamesEncoding>(options);
    const real = this.on("realpath", path, (bytes) => realPath(this.caller.tree, bytes));
    return encoded(real, encoding);
  }

  /** As fs.existsSync. */
  existsSync(path: PathLike): boolean {
    try {
      look(this.caller.tree, pathBytes(path), "follow");
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof TypeError)) throw error;
      return false;
    }
  }

  /** As fs.accessSync. */
  accessSync(path: PathLike, mode?: number | null): void {
    const bits = checkThreeBits("mode", mode);
    this.on("access", path, (bytes) => checkAccess(this.caller.tree, bytes, bits));
  }

  /** As fs.chmodSync. */
  chmodSync(path: PathLike, mode: string | number): void {
    const bits = parseMode(mode) & 0o7777;
    this.#set("chmod", path, "follow", (inode) =>
      setAttributes(this.caller.tree, inode, { mode: bits }),
    );
  }

  /** As fs.chownSync. */
  chownSync(path: PathLike, uid: number, gid: number): void {
    this.#setOwner("chown", path, "follow", uid, gid);
  }

  /** As fs.lchownSync. */
  lchownSync(path: PathLike, uid: number, gid: number): void {
    this.#setOwner("lchown", path, "take", uid, gid);
  }

  /** As fs.utimesSync. */
  utimesSync(path: PathLike, accessed: Time, modified: Time): void {
    const times = { accessed: momentOf(accessed), modified: momentOf(modified) };
    this.#set("utime", path, "follow", (inode) => setAttributes(this.caller.tree, inode, times));
  }

  /** As fs.lutimesSync. */
  lutimesSync(path: PathLike, accessed: Time, modified: Time): void {
    const times = { accessed: momentOf(accessed), modified: momentOf(modified) };
    this.#set("lutime", path, "take", (inode) => setAttributes(this.caller.tree, inode, times));
  }

  /**
   * Returns the status of a path.
   *
   * @internal
   */
  protected statOf(
    syscall: "stat" | "lstat",
    path: PathLike,
    last: Last,
    options: StatSyncOptions,
  ): OverlayStats | OverlayBigIntStats | undefined {
    const bytes = pathBytes(path);
    try {
      const inode = look(this.caller.tree, bytes, last);
      return options.bigint === true ? new OverlayBigIntStats(inode) : new OverlayStats(inode);
    } catch (error) {
      const errno = errnoOf(error);
      if (options.throwIfNoEntry === false && (errno === "ENOENT" || errno === "ENOTDIR"))
        return undefined;
      throw explain(error, { syscall, path: textOf(bytes) });
    }
  }

  #list(syscall: "scandir" | "opendir", path: PathLike, options: ReaddirOptions): Listed[] {
    checkBooleans(options, ["recursive"]);
    return this.on(syscall, path, (bytes) => listDirectory(this.caller.tree, bytes, options));
  }

  #setOwner(syscall: string, path: PathLike, last: Last, uid: number, gid: number): void {
    const [user, group] = [checkOwner("uid", uid), checkOwner("gid", gid)];
    this.#set(syscall, path, last, (inode) => setOwner(this.caller.tree, inode, user, group));
  }

  #set(syscall: string, path: PathLike, last: Last, body: (inode: Inode) => void): void {
    this.on(syscall, path, (bytes) => body(own(this.caller.tree, bytes, last)));
  }
}

/** The encoding of names. */
type NamesEncoding = Exclude<EncodingOptions, string | null | undefined>;
