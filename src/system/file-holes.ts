/** Finding where a sparse file has data and where it has holes. */

import { constants } from "node:os";
import type { NativeLibrary } from "./native-library.js";
import { systemError } from "./system-error.js";

/**
 * The calls that find data and holes. Offsets are bytes from the start of the file, up to 2^53 - 1.
 */
export interface FileHoleCalls {
  /**
   * Returns the first offset at or after `offset` that has data, or undefined when only a hole or
   * nothing follows.
   *
   * Moves the descriptor's file position: read with explicit positions. Cost: one system call (1
   * µs). Where the file system keeps no track of holes, all bytes are data.
   *
   * @throws {NodeJS.ErrnoException} EBADF, ESPIPE, EOVERFLOW (found beyond 2^53 - 1).
   * @throws {RangeError} when the offset is outside its range.
   */
  readonly seekData: (fd: number, offset: number) => number | undefined;
  /**
   * Returns the first offset at or after `offset` that lies in a hole; the end of the file counts
   * as one. Undefined when `offset` is at or after the end. Otherwise as `seekData`.
   */
  readonly seekHole: (fd: number, offset: number) => number | undefined;
}

/** `whence` values of lseek(2) (linux/fs.h). */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/**
 * Returns the calls that find data and holes.
 *
 * @throws {Error} when the C library lacks them.
 */
export function fileHoleCalls(library: NativeLibrary): FileHoleCalls {
  const { ENXIO, EOVERFLOW } = constants.errno;
  const lseek = library.declare("int64_t lseek(int fd, int64_t offset, int whence)");

  function seek(fd: number, offset: number, whence: number): number | undefined {
    // The kernel answers a negative offset with ENXIO too, which would pass for the end of the
    // file.
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new RangeError(
        `Cannot seek to offset ${offset}: it is not a whole number of bytes, give 0 or more`,
      );
    }
    const found = lseek(fd, offset, whence);
    if (typeof found === "bigint") {
      throw systemError(EOVERFLOW, "lseek");
    }
    if (found >= 0) {
      return found;
    }
    if (library.errno() === ENXIO) {
      return undefined;
    }
    throw library.lastError("lseek");
  }

  return {
    seekData: (fd, offset) => seek(fd, offset, SEEK_DATA),
    seekHole: (fd, offset) => seek(fd, offset, SEEK_HOLE),
  };
}
