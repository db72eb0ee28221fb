/** Giving blocks in the middle of a file back to the file system: fallocate(2) with FALLOC_FL_PUNCH_HOLE. */

import type { NativeLibrary } from "./native-library.js";

/** The call that makes holes. */
export interface PunchHoleCalls {
  /**
   * Has a range of a file read as zeros, and frees the blocks that lie in it as a whole. Its length stays.
   *
   * @throws {NodeJS.ErrnoException} EOPNOTSUPP where the file system cannot, ETXTBSY, EPERM, EIO, ENOSPC, EBADF
   */
  readonly punchHole: (fd: number, offset: number, lengthBytes: number) => void;
}

/** Of fallocate(2) (linux/falloc.h): FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE. */
const KEEP_SIZE_AND_PUNCH = 3;

/**
 * Returns the call that makes holes.
 *
 * @throws {Error} when the C library lacks it.
 */
export function punchHoleCalls(library: NativeLibrary): PunchHoleCalls {
  const fallocate = library.declare(
    "int fallocate(int fd, int mode, int64_t offset, int64_t length)",
  );
  return {
    punchHole(fd, offset, lengthBytes) {
      if (fallocate(fd, KEEP_SIZE_AND_PUNCH, offset, lengthBytes) !== 0)
        throw library.lastError("fallocate");
    },
  };
}
