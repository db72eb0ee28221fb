/**
 * Sync attributes: the synchronous calls of node:fs that tell of paths, and set what they have.
 */

import type { StatSyncOptions, Time } from "./file-options.js";
import type { Inode } from "./inode.js";
import { checkOwner, checkThreeBits } from "./posix/check-arguments.js";
import type { Last } from "./posix/inode-calls.js";
import { checkAccess, look, momentOf, own, setAttributes, setOwner } from "./posix/inode-calls.js";
import { parseMode } from "./posix/open-flags.js";
import type { PathLike } from "./posix/path-bytes.js";
import { pathBytes, textOf } from "./posix/path-bytes.js";
import { errnoOf, explain } from "./posix/refusal.js";
import { OverlayBigIntStats, OverlayStats } from "./stats.js";
import { SyncDescriptors } from "./sync-descriptors.js";

export class SyncAttributes extends SyncDescriptors {
  /** As fs.statSync. */
  statSync(
    path: PathLike,
    options: StatSyncOptions = {},
  ): OverlayStats | OverlayBigIntStats | undefined {
    return this.statOf("stat", path, "follow", options);
  }

  /** As fs.lstatSync. */
  lstatSync(
    path: PathLike,
    options: StatSyncOptions = {},
  ): OverlayStats | OverlayBigIntStats | undefined {
    return this.statOf("lstat", path, "take", options);
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

  #setOwner(syscall: string, path: PathLike, last: Last, uid: number, gid: number): void {
    const [user, group] = [checkOwner("uid", uid), checkOwner("gid", gid)];
    this.#set(syscall, path, last, (inode) => setOwner(this.caller.tree, inode, user, group));
  }

  #set(syscall: string, path: PathLike, last: Last, body: (inode: Inode) => void): void {
    this.on(syscall, path, (bytes) => body(own(this.caller.tree, bytes, last)));
  }
}
