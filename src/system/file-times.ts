/**
 * Exact modification times. `fs.utimes` takes a double, which holds nanoseconds only for the first
 * 104 days of 1970, and turns times before 1970 into now; `utimensat` takes whole seconds and
 * nanoseconds.
 */

import type { NativeLibrary } from "./native-library.js";
import { type SystemPath, systemPath } from "./system-path.js";

/** The calls on times. */
export interface FileTimeCalls {
  /**
   * Sets the modification time of `path`, without following a final symbolic link, and leaves the
   * access time.
   *
   * A time outside what the file system can store becomes the nearest that it can (ext4: 1901 to
   * 2446), and is rounded down to its granularity. Cost: one system call (1 µs).
   *
   * @param mtimeSeconds Whole seconds since 1970, rounded down: -1 for the last second of 1969. At
   *   most 64 bits.
   * @param mtimeNanoseconds From 0 to 999,999,999, counted forward also before 1970.
   * @throws {NodeJS.ErrnoException} ENOENT, EPERM (not the owner), EROFS.
   * @throws {RangeError} when a number is outside its range.
   */
  readonly setTimes: (
    path: SystemPath,
    mtimeSeconds: bigint | number,
    mtimeNanoseconds: number,
  ) => void;
  /** As `setTimes`, of an open file; a descriptor opened for reading suffices. */
  readonly setTimesFd: (
    fd: number,
    mtimeSeconds: bigint | number,
    mtimeNanoseconds: number,
  ) => void;
}

/** Stands for the working directory where a call takes a directory's descriptor (linux/fcntl.h). */
const AT_FDCWD = -100;
/** Do not follow a final symbolic link (linux/fcntl.h). */
const AT_SYMLINK_NOFOLLOW = 0x100;
/** In place of nanoseconds: leave this time as it is (linux/stat.h). */
const UTIME_OMIT = 0x3fff_fffen;
const NANOSECONDS_MAX = 999_999_999;

/**
 * Returns the calls on times.
 *
 * @throws {Error} when the C library lacks one.
 */
export function fileTimeCalls(library: NativeLibrary): FileTimeCalls {
  const utimensat = library.declare(
    "int utimensat(int directory, const char *path, const void *times, int flags)",
  );
  const futimens = library.declare("int futimens(int fd, const void *times)");
  /**
   * Two `struct timespec`: access time (seconds, nanoseconds), modification time (seconds,
   * nanoseconds).
   */
  const times = new BigInt64Array([0n, UTIME_OMIT, 0n, 0n]);

  function fill(seconds: bigint | number, nanoseconds: number): BigInt64Array {
    const wholeSeconds = BigInt(seconds);
    if (BigInt.asIntN(64, wholeSeconds) !== wholeSeconds) {
      throw new RangeError(
        `Cannot set time: ${wholeSeconds} seconds do not fit in 64 bits, give a nearer time`,
      );
    }
    // Values above have meanings of their own (now, leave): a wrong number must not set a wrong
    // time.
    if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > NANOSECONDS_MAX) {
      throw new RangeError(
        `Cannot set time: nanoseconds are ${nanoseconds}, give a whole number from 0 to ${NANOSECONDS_MAX}`,
      );
    }
    times[2] = wholeSeconds;
    times[3] = BigInt(nanoseconds);
    return times;
  }

  return {
    setTimes(path, mtimeSeconds, mtimeNanoseconds) {
      if (
        utimensat(
          AT_FDCWD,
          systemPath(path),
          fill(mtimeSeconds, mtimeNanoseconds),
          AT_SYMLINK_NOFOLLOW,
        ) !== 0
      ) {
        throw library.lastError("utimensat", path);
      }
    },
    setTimesFd(fd, mtimeSeconds, mtimeNanoseconds) {
      if (futimens(fd, fill(mtimeSeconds, mtimeNanoseconds)) !== 0) {
        throw library.lastError("futimens");
      }
    },
  };
}
