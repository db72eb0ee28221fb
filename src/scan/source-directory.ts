/**
 * Source directory: an open directory of the user's, whose entries are reached through its descriptor.
 *
 * A directory may be swapped for a symbolic link while it is read. Paths through /proc/self/fd stay in
 * the directory that was opened, whatever happens to its path, as openat(2) would; where there is no
 * /proc, plain paths are used, and the inode that was opened is checked against the one that was listed.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, existsSync, openSync, readdirSync } from "node:fs";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";

const DIRECTORY_FLAGS =
  constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A FIFO would block without O_NONBLOCK, and a link put in the file's place must not be followed. */
const FILE_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A path of PATH_MAX (4,096) bytes or more is opened in several steps. */
const PATH_STEP_BYTES = 4000;
const hasDescriptorPaths = existsSync("/proc/self/fd");

export class SourceDirectory {
  readonly descriptor: number;
  readonly #path: SystemPath;

  private constructor(descriptor: number, path: SystemPath) {
    this.descriptor = descriptor;
    this.#path = hasDescriptorPaths ? `/proc/self/fd/${descriptor}` : path;
  }

  /**
   * Opens a directory without following a final symbolic link.
   *
   * @throws {NodeJS.ErrnoException} ENOENT, ENOTDIR, ELOOP, EACCES, ...
   */
  static at(path: SystemPath): SourceDirectory {
    return new SourceDirectory(openInSteps(path), path);
  }

  /**
   * Opens a file in it for reading, without following a link and without waiting for a pipe's writer.
   *
   * @returns its descriptor, for `closeFile`
   * @throws {NodeJS.ErrnoException} ENOENT, ELOOP, EACCES, ...
   */
  openFile(name: SystemPath): number {
    const calls = systemCalls();
    // A path through /proc costs 2 µs more.
    return "unavailable" in calls
      ? openSync(this.child(name), FILE_FLAGS)
      : calls.openAt(this.descriptor, name, FILE_FLAGS);
  }

  closeFile(descriptor: number): void {
    const calls = systemCalls();
    if ("unavailable" in calls) closeSync(descriptor);
    else calls.close(descriptor);
  }

  /** Returns the names in it, in the file system's order; a name that is not UTF-8 as bytes. */
  names(): SystemPath[] {
    const names = readdirSync(this.#path);
    // Decoding puts U+FFFD for what is not UTF-8. Reading bytes at once would be three times slower.
    if (!names.some((name) => name.includes("\uFFFD"))) return names;
    return readdirSync(this.#path as string, { encoding: "buffer" }).map(nameFromBytes);
  }

  /** Returns a path by which an entry is reached while the directory is open. */
  child(name: SystemPath): SystemPath {
    return joinPath(this.#path, name);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Returns a name as text where it is UTF-8, else its bytes. */
export function nameFromBytes(name: Buffer): SystemPath {
  return isUtf8(name) ? name.toString() : Buffer.from(name);
}

/** Returns the bytes of a name or path. */
export function pathBytes(path: SystemPath): Buffer {
  return typeof path === "string" ? Buffer.from(path) : path;
}

/** Returns a name or a path as Latin-1, so that each byte is a character. */
export function keyOf(path: SystemPath): string {
  return pathBytes(path).toString("latin1");
}

/** Returns `parent/name`, as bytes where one of them is; `name` where the parent is empty. */
export function joinPath(parent: SystemPath, name: SystemPath): SystemPath {
  if (parent.length === 0) return name;
  if (typeof parent === "string" && typeof name === "string") return `${parent}/${name}`;
  return Buffer.concat([pathBytes(parent), SLASH, pathBytes(name)]);
}

/** Returns a path for people; bytes that are not UTF-8 become U+FFFD. */
export function displayPath(path: SystemPath): string {
  return path.toString();
}

const SLASH = Buffer.from("/");

function openInSteps(path: SystemPath): number {
  let rest = path;
  let parent: number | undefined;
  try {
    while (hasDescriptorPaths && Buffer.byteLength(rest) > PATH_STEP_BYTES) {
      const bytes = pathBytes(rest);
      const cut = bytes.lastIndexOf(0x2f, PATH_STEP_BYTES);
      if (cut <= 0) break;
      const next = openSync(bytes.subarray(0, cut), DIRECTORY_FLAGS);
      if (parent !== undefined) closeSync(parent);
      parent = next;
      rest = joinPath(`/proc/self/fd/${parent}`, bytes.subarray(cut + 1));
    }
    return openSync(rest, DIRECTORY_FLAGS);
  } finally {
    if (parent !== undefined) closeSync(parent);
  }
}
