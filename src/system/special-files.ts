/** Making files that are neither data nor directory nor link: devices and FIFOs. */

import { constants } from "node:fs";
import { makeDeviceNumber } from "./device-number.js";
import type { NativeLibrary } from "./native-library.js";
import { type SystemPath, systemPath } from "./system-path.js";

/** The calls that make special files. */
export interface SpecialFileCalls {
  /**
   * Makes a character device, block device or FIFO at `path`, which must not exist (a dangling
   * symbolic link counts as existing).
   *
   * As with every new file the process's umask clears permission bits: change the mode afterwards.
   *
   * @param mode `S_IFCHR`, `S_IFBLK` or `S_IFIFO` with the permission bits.
   * @param major 0 to 4,095; without meaning for a FIFO.
   * @param minor 0 to 1,048,575; without meaning for a FIFO.
   * @throws {NodeJS.ErrnoException} EEXIST, ENOENT, EPERM (devices need CAP_MKNOD; only the
   *   whiteout 0:0 is free to all), EROFS.
   * @throws {RangeError} when the mode has another type, or a number is outside its range.
   */
  readonly makeNode: (path: SystemPath, mode: number, major: number, minor: number) => void;
}

/**
 * The version of the argument layout that `__xmknod` expects on x64 and arm64 (glibc before 2.33,
 * bits/stat.h).
 */
const MKNOD_VERSION = 0;

/**
 * Returns the calls that make special files.
 *
 * @throws {Error} when the C library lacks them.
 */
export function specialFileCalls(library: NativeLibrary): SpecialFileCalls {
  const mknod = declareMknod(library);
  return {
    makeNode(path, mode, major, minor) {
      const type = mode & constants.S_IFMT;
      const isFifo = type === constants.S_IFIFO;
      if (!isFifo && type !== constants.S_IFCHR && type !== constants.S_IFBLK) {
        throw new RangeError(
          `Cannot make file of mode ${mode.toString(8)}: mknod is for devices and FIFOs, use node:fs`,
        );
      }
      if (mknod(systemPath(path), mode, isFifo ? 0 : makeDeviceNumber({ major, minor })) !== 0) {
        throw library.lastError("mknod", path);
      }
    },
  };
}

type Mknod = (path: SystemPath, mode: number, device: number) => number | bigint;

/**
 * glibc has a `mknod` that can be looked up since 2.33 (2021); before, headers turned the name into
 * `__xmknod`.
 */
function declareMknod(library: NativeLibrary): Mknod {
  try {
    return library.declare("int mknod(const char *path, uint32_t mode, uint64_t device)");
  } catch {
    // Then it is an older glibc; if it is not that either, this throws and says so.
    const xmknod = library.declare(
      "int __xmknod(int version, const char *path, uint32_t mode, const void *device)",
    );
    const deviceReference = new BigInt64Array(1);
    return (path, mode, device) => {
      deviceReference[0] = BigInt(device);
      return xmknod(MKNOD_VERSION, path, mode, deviceReference);
    };
  }
}
