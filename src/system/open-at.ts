/**
 * Opening what a directory holds through the directory's descriptor: in that directory, whatever
 * has become of its path.
 */

import { constants } from "node:fs";
import type { NativeLibrary } from "./native-library.js";
import { type SystemPath, systemPath } from "./system-path.js";

/** The calls on names of an open directory. */
export interface OpenAtCalls {
  /**
   * Opens a file and returns its descriptor, which programs that are started do not inherit and
   * which only `close` may close: Node.js keeps account of those that it opened itself in a worker.
   * Cost: one system call; 2 to 3 µs with `close`.
   *
   * @param directory Descriptor of the directory.
   * @param name A name in it, or a path relative to it.
   * @param flags As for `fs.openSync`, without `O_CREAT`.
   * @throws {NodeJS.ErrnoException} ENOENT, ELOOP (a link, with `O_NOFOLLOW`), EACCES, EMFILE, ...
   */
  readonly openAt: (directory: number, name: SystemPath, flags: number) => number;
  /** Closes what `openAt` opened. @throws {NodeJS.ErrnoException} EIO */
  readonly close: (descriptor: number) => void;
}

/** O_CLOEXEC of Linux on x64 and arm64 (asm-generic/fcntl.h); node:fs has no constant for it. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Returns the calls on names of an open directory.
 *
 * @throws {Error} when the C library lacks one.
 */
export function openAtCalls(library: NativeLibrary): OpenAtCalls {
  const openat = library.declare("int openat(int directory, const char *name, int flags)");
  const close = library.declare("int close(int descriptor)");
  return {
    // On Linux a descriptor is free after close(2) whatever it returns.
    close(descriptor) {
      if (close(descriptor) !== 0) throw library.lastError("close");
    },
    openAt(directory, name, flags) {
      for (;;) {
        const descriptor = Number(
          openat(directory, systemPath(name), (flags & ~constants.O_CREAT) | CLOSE_ON_EXEC),
        );
        if (descriptor >= 0) return descriptor;
        const error = library.lastError("openat", name);
        if (error.code !== "EINTR") throw error;
      }
    },
  };
}
