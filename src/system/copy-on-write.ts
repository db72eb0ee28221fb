/** Having a file written in place on a file system that otherwise never does (FS_IOC_SETFLAGS, linux/fs.h). */

import type { NativeLibrary } from "./native-library.js";

/** The call that has a file written in place. */
export interface CopyOnWriteCalls {
  /**
   * Has the file system write an empty file's blocks in place from now on (chattr(1), `C`).
   *
   * @throws {NodeJS.ErrnoException} ENOTTY, EOPNOTSUPP or EINVAL where there is no such thing, EPERM, EBADF
   */
  readonly writeInPlace: (fd: number) => void;
}

/** _IOW('f', 2, long), the same on x64 and arm64. */
const FS_IOC_SETFLAGS = 0x4008_6602;
const FS_NOCOW_FL = 0x0080_0000n;

/**
 * Returns the call that has a file written in place.
 *
 * @throws {Error} when the C library lacks it.
 */
export function copyOnWriteCalls(library: NativeLibrary): CopyOnWriteCalls {
  const ioctl = library.declare("int ioctl(int fd, uint64_t request, int64_t *flags)");
  return {
    writeInPlace(fd) {
      if (ioctl(fd, FS_IOC_SETFLAGS, BigInt64Array.of(FS_NOCOW_FL)) < 0)
        throw library.lastError("ioctl(FS_IOC_SETFLAGS)");
    },
  };
}
