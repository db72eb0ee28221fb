/** Sharing blocks between files: FICLONERANGE (ioctl_ficlonerange(2), linux/fs.h). */

import type { NativeLibrary } from "./native-library.js";

/** The call that shares blocks. */
export interface CloneRangeCalls {
  /**
   * Has a file share a range of another one's blocks until either is written to. All numbers are whole multiples of
   * the file system's block.
   *
   * @throws {NodeJS.ErrnoException} EXDEV (another file system), EOPNOTSUPP, ENOTTY or EINVAL (one that cannot), ENOSPC, EBADF
   */
  readonly cloneRange: (
    from: number,
    fromOffset: number,
    lengthBytes: number,
    to: number,
    toOffset: number,
  ) => void;
}

/** _IOW(0x94, 13, struct file_clone_range), the same on x64 and arm64. */
const FICLONERANGE = 0x4020_940d;

/**
 * Returns the call that shares blocks.
 *
 * @throws {Error} when the C library lacks it.
 */
export function cloneRangeCalls(library: NativeLibrary): CloneRangeCalls {
  const ioctl = library.declare("int ioctl(int fd, uint64_t request, int64_t *range)");
  const range = new BigInt64Array(4);
  return {
    cloneRange(from, fromOffset, lengthBytes, to, toOffset) {
      range[0] = BigInt(from);
      range[1] = BigInt(fromOffset);
      range[2] = BigInt(lengthBytes);
      range[3] = BigInt(toOffset);
      if (ioctl(to, FICLONERANGE, range) < 0) throw library.lastError("ioctl(FICLONERANGE)");
    },
  };
}
