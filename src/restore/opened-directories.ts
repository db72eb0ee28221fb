/**
 * Opened directories: those that their owner may not list, enter or write to, and that a restore opens for
 * the while. Root needs none of it.
 *
 * What the snapshot has there gets its mode at the end, as every directory that was touched; the others, and
 * all of them after a failure, get back the one that they had.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  openSync,
  readdirSync,
} from "node:fs";
import { CoppiceError } from "../model/error.js";
import { joinPath, nameFromBytes } from "../scan/source-directory.js";
import type { SystemPath } from "../system/system-path.js";

/** What a restore needs to do in a directory. */
const OWNER_ALL = 0o700;
/** open(2): names a file and opens nothing, so that it needs no permission. Not in node:constants. */
const O_PATH = 0o10000000;
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const hasDescriptorPaths = existsSync("/proc/self/fd");

interface Opened {
  /** From the root down. */
  readonly names: readonly Buffer[];
  /** Those that it had and was given. */
  readonly oldMode: number;
  readonly mode: number;
}

export class OpenedDirectories {
  readonly #root: string;
  readonly #user = process.geteuid?.() ?? 0;
  readonly #opened: Opened[] = [];

  /** @param root the directory that is restored */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Sees to it that names can be made and removed in a directory.
   *
   * @param descriptor of the directory, open
   * @throws {CoppiceError} NOT_OWNER, naming it, where only another user could allow that
   */
  open(names: readonly Buffer[], descriptor: number): void {
    if (this.#user === 0) return;
    const { uid, mode } = fstatSync(descriptor);
    if (uid === this.#user) {
      if ((mode & OWNER_ALL) === OWNER_ALL) return;
      const opened = { names, oldMode: mode & 0o7777, mode: (mode & 0o7777) | OWNER_ALL };
      fchmodSync(descriptor, opened.mode);
      this.#opened.push(opened);
      return;
    }
    const path = names.length === 0 ? this.#root : names.map(String).join("/");
    try {
      // Not by its mode alone: groups and ACLs may allow it.
      if (hasDescriptorPaths)
        accessSync(`/proc/self/fd/${descriptor}`, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new CoppiceError(
        "NOT_OWNER",
        `Cannot restore in ${path}: it belongs to user ${uid} and may not be written to by user ${this.#user}, run as that user`,
        { cause: error, path },
      );
    }
  }

  /**
   * Opens the directories on the way to a path, and all below, that a scan could not read.
   *
   * @returns whether there were any
   */
  openAt(names: readonly Buffer[]): boolean {
    const before = this.#opened.length;
    if (this.#user !== 0 && hasDescriptorPaths) this.#descend(this.#root, [], names);
    return this.#opened.length > before;
  }

  /**
   * Gives directories back the modes that they had, where they still have those that they were given.
   *
   * @param isRight tells which of them are to stay as they are
   */
  putBack(isRight: (names: readonly Buffer[]) => boolean): void {
    for (const { names, oldMode, mode } of this.#opened.splice(0).reverse()) {
      if (isRight(names)) continue;
      const descriptors: number[] = [];
      try {
        let path: SystemPath = this.#root;
        for (const name of [undefined, ...names]) {
          if (name !== undefined) path = joinPath(path, nameFromBytes(name));
          const descriptor = openSync(
            path,
            name === undefined ? FLAGS ^ constants.O_NOFOLLOW : FLAGS,
          );
          descriptors.push(descriptor);
          if (hasDescriptorPaths) path = `/proc/self/fd/${descriptor}`;
        }
        const last = descriptors.at(-1) as number;
        if ((fstatSync(last).mode & 0o7777) === mode) chmodSync(path, oldMode);
      } catch {
        // It is gone, or cannot be reached any more: as far as possible.
      } finally {
        for (const descriptor of descriptors) closeSync(descriptor);
      }
    }
  }

  /** @param ahead names from this directory on to the one that is wanted */
  #descend(path: SystemPath, names: readonly Buffer[], ahead: readonly Buffer[]): void {
    let descriptor: number;
    try {
      descriptor = openSync(path, names.length === 0 ? FLAGS ^ constants.O_NOFOLLOW : FLAGS);
    } catch {
      return; // No directory: what cannot be read is a file.
    }
    try {
      const own = `/proc/self/fd/${descriptor}`;
      const { uid, mode } = fstatSync(descriptor);
      if (uid === this.#user && (mode & OWNER_ALL) !== OWNER_ALL) {
        const opened = { names, oldMode: mode & 0o7777, mode: (mode & 0o7777) | OWNER_ALL };
        chmodSync(own, opened.mode);
        this.#opened.push(opened);
      }
      const [next, ...rest] = ahead;
      if (next !== undefined) {
        this.#descend(joinPath(own, nameFromBytes(next)), [...names, next], rest);
        return;
      }
      for (const entry of readdirSync(own, { withFileTypes: true, encoding: "buffer" })) {
        if (entry.isDirectory())
          this.#descend(joinPath(own, nameFromBytes(entry.name)), [...names, entry.name], []);
      }
    } catch {
      // Another user's: the scan says so.
    } finally {
      closeSync(descriptor);
    }
  }
}
