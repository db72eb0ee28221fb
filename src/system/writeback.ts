/**
 * Bringing written data to the disk: early, to spread the cost, and all of a file system at once.
 */

import type { NativeLibrary } from "./native-library.js";

/** The calls on writeback. */
export interface WritebackCalls {
  /**
   * Starts writing the dirty pages of a range to the disk and returns without waiting for them, so
   * that a later `fdatasync` finds less to do. Makes nothing durable: only `fdatasync` does.
   *
   * Waits when the device's queue is full. Pages that are being written already are left alone.
   *
   * @param offset Bytes from the start of the file.
   * @param length Bytes; 0 means up to the end of the file.
   * @throws {NodeJS.ErrnoException} EIO, ENOSPC, EBADF, ESPIPE, EINVAL (negative), ENOSYS.
   */
  readonly startWriteback: (fd: number, offset: number, length: number) => void;
  /**
   * Has all dirty pages of a file be on their way to the disk: waits for those that are being written, then starts to
   * write the dirty ones. The kernel protects a page that it writes, so that the next store through a shared memory map
   * is noticed and moves the file's times; until then, such stores are not (mmap(2), "MAP_SHARED").
   *
   * @throws {NodeJS.ErrnoException} EIO, ENOSPC, EBADF, ESPIPE, ENOSYS.
   */
  readonly protectPages: (fd: number) => void;
  /**
   * Writes everything of the file system that holds the open file to the disk, data and directories
   * of all processes, and waits for it.
   *
   * Linux before 5.8 did not report failed writes here.
   *
   * @throws {NodeJS.ErrnoException} EIO, ENOSPC, EBADF.
   */
  readonly syncFileSystem: (fd: number) => void;
}

/** Of sync_file_range(2) (linux/fs.h): start writing dirty pages that are not being written. */
const SYNC_FILE_RANGE_WRITE = 2;
/** Of the same: first wait for those that are. */
const SYNC_FILE_RANGE_WAIT_BEFORE = 1;

/**
 * Returns the calls on writeback.
 *
 * @throws {Error} when the C library lacks one.
 */
export function writebackCalls(library: NativeLibrary): WritebackCalls {
  const syncFileRange = library.declare(
    "int sync_file_range(int fd, int64_t offset, int64_t length, uint32_t flags)",
  );
  const syncfs = library.declare("int syncfs(int fd)");
  return {
    startWriteback(fd, offset, length) {
      if (syncFileRange(fd, offset, length, SYNC_FILE_RANGE_WRITE) !== 0) {
        throw library.lastError("sync_file_range");
      }
    },
    protectPages(fd) {
      const flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE;
      if (syncFileRange(fd, 0, 0, flags) !== 0) throw library.lastError("sync_file_range");
    },
    syncFileSystem(fd) {
      if (syncfs(fd) !== 0) {
        throw library.lastError("syncfs");
      }
    },
  };
}
