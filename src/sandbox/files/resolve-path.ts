/**
 * Resolve path: from a path in a sandbox to an open directory and a name in it, as chroot(2) would: `/` is the sandbox's root,
 * `..` of the root is the root, and absolute links begin there.
 *
 * Invariant: (F1) Each step opens one name in a directory that is open, and follows no link; links are read and walked name by
 * name. Whatever programs rename or replace meanwhile, what is opened was below the root when it was opened.
 *
 * A name in an open directory is reached as `/proc/self/fd/N/name`, for want of openat(2) in Node.js.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { CoppiceError } from "../../model/error.js";

/** A name in an open directory of a sandbox. */
export interface Place {
  /** The directory's path for node:fs: in that directory, whatever has become of its name. */
  readonly directory: string;
  /** The name; `undefined` for the root itself. */
  readonly name: string | undefined;
  /** The path of that name for node:fs, which must not follow a link there. */
  readonly path: string;
  /** What is there; `undefined` where there is nothing. */
  readonly stats: Stats | undefined;
  /** What is there, opened as a path, so that it can be opened again as what it is: `/proc/self/fd/N`. */
  readonly opened: string | undefined;
}

/** How a path is resolved. */
interface Resolving {
  /** Whether a link at the end of the path is followed. @default true */
  readonly follow?: boolean;
}

/** open(2): of the descriptor only the file's place counts; no device is touched by it (asm-generic/fcntl.h). */
const O_PATH = 0o10000000;
const AS_PATH = O_PATH | constants.O_NOFOLLOW;
/** path_resolution(7) */
const LINKS_MAX = 40;
/** PATH_MAX of Linux, with the closing zero byte. */
const PATH_BYTES_MAX = 4_096;

/**
 * Resolves a path and does something there.
 *
 * @param root the sandbox's directory
 * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY of what comes before the last name; INVALID_ARGUMENT; UNSUPPORTED without /proc
 */
export async function atPath<T>(
  root: string,
  path: string,
  work: (place: Place) => T | Promise<T>,
  { follow = true }: Resolving = {},
): Promise<T> {
  const held: number[] = [];
  try {
    return await work(resolve(root, path, follow, held));
  } finally {
    for (const descriptor of held) closeSync(descriptor);
  }
}

function resolve(root: string, path: string, follow: boolean, held: number[]): Place {
  if (typeof path !== "string" || path.includes("\0") || Buffer.byteLength(path) >= PATH_BYTES_MAX)
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      "Cannot use path: give a text without NUL, of less than 4,096 bytes",
    );
  const open = (at: string, flags: number): number => {
    const descriptor = openSync(at, flags);
    held.push(descriptor);
    return descriptor;
  };
  if (process.platform !== "linux")
    throw new CoppiceError(
      "UNSUPPORTED",
      `Cannot reach ${path}: paths are kept within a sandbox through /proc, which ${process.platform} lacks, use exec`,
      { path },
    );
  const top = open(root, O_PATH | constants.O_DIRECTORY);
  /** From the root to where the walk is. */
  const way = [top];
  const todo = names(path);
  const isDirectoryWanted = /(^|\/)\.{0,2}$/.test(path);
  let links = 0;
  for (;;) {
    const name = todo.shift();
    const here = way.at(-1)!;
    if (name === undefined) return placeOf(here);
    if (name === "..") {
      if (way.length > 1) way.pop();
      continue;
    }
    const isLast = todo.length === 0;
    const at = `/proc/self/fd/${here}/${name}`;
    const found = openIfThere(at);
    if (found === undefined) {
      if (!isLast) throw missing(path);
      return {
        directory: `/proc/self/fd/${here}`,
        name,
        path: at,
        stats: undefined,
        opened: undefined,
      };
    }
    const stats = fstatSync(found);
    if (stats.isSymbolicLink() && (!isLast || follow || isDirectoryWanted)) {
      if (++links > LINKS_MAX)
        throw new CoppiceError("INVALID_ARGUMENT", `Cannot reach ${path}: too many links`, {
          path,
        });
      // Whatever stands there by now is a text that is walked within the root.
      const target = readLink(at);
      if (target.startsWith("/")) way.length = 1;
      todo.unshift(...names(target));
      continue;
    }
    const isDirectory = stats.isDirectory();
    if (isLast && (isDirectory || !isDirectoryWanted))
      return {
        directory: `/proc/self/fd/${here}`,
        name,
        path: at,
        stats,
        opened: `/proc/self/fd/${found}`,
      };
    if (!isDirectory)
      throw new CoppiceError("NOT_A_DIRECTORY", `Cannot reach ${path}: ${name} is no directory`, {
        path,
      });
    way.push(found);
  }

  function openIfThere(at: string): number | undefined {
    try {
      return open(at, AS_PATH);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Somebody may have put something else there. */
  function readLink(at: string): string {
    try {
      return readlinkSync(at);
    } catch {
      throw missing(path);
    }
  }

  function placeOf(descriptor: number): Place {
    const opened = `/proc/self/fd/${descriptor}`;
    return {
      directory: opened,
      name: undefined,
      path: opened,
      stats: fstatSync(descriptor),
      opened,
    };
  }
}

/** Returns the error of a path where nothing is. */
export function missing(path: string): CoppiceError {
  return new CoppiceError(
    "NOT_FOUND",
    `Cannot find ${path}: nothing is there in the sandbox, list its directory`,
    { path },
  );
}

function names(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
