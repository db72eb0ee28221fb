/**
 * Extended attributes of a file: what it keeps under names beside its content, in all namespaces
 * that the caller may see (`user`, `trusted`, `security`, and `system`, where POSIX ACLs
 * are `system.posix_acl_access` and `system.posix_acl_default`). Names and values are bytes.
 *
 * A path is taken without following a final symbolic link.
 */

import { extendedAttributeReader } from "./extended-attribute-reader.js";
import type { NativeLibrary } from "./native-library.js";
import { type SystemPath, systemPath, zeroTerminated } from "./system-path.js";

/** One attribute; both buffers belong to the caller. */
export interface ExtendedAttribute {
  /** With its namespace, as in `user.comment`; without closing zero byte. */
  readonly name: Buffer;
  /** Up to 64 KiB, may be empty. */
  readonly value: Buffer;
}

/** The calls on extended attributes. */
export interface ExtendedAttributeCalls {
  /**
   * Returns all attributes that the caller may see, sorted by the bytes of their names.
   *
   * When there are none, or the file system knows none (ENOTSUP), the result is one shared empty
   * array. Cost: one system call (1 µs) when there are none, else one more for each attribute, and
   * again one for each list or value over 1 KiB.
   *
   * @throws {NodeJS.ErrnoException} ENOENT, EACCES (a value that this user may not read), E2BIG
   *   (the file system holds more than Linux hands out: 64 KiB of names, or 64 KiB in a value).
   */
  readonly readExtendedAttributes: (path: SystemPath) => readonly ExtendedAttribute[];
  /** As `readExtendedAttributes`, of an open file. */
  readonly readExtendedAttributesFd: (fd: number) => readonly ExtendedAttribute[];
  /**
   * Creates the attribute or replaces its value; the name comes without closing zero byte.
   *
   * @throws {NodeJS.ErrnoException} ENOTSUP (file system or namespace unknown), EPERM (namespace
   *   not allowed to this user or on this kind of file), ENOSPC and E2BIG (value too large: ext4
   *   keeps a file's attributes in 4 KiB).
   */
  readonly setExtendedAttribute: (path: SystemPath, name: Buffer, value: Buffer) => void;
  /** As `setExtendedAttribute`, of an open file. */
  readonly setExtendedAttributeFd: (fd: number, name: Buffer, value: Buffer) => void;
  /**
   * Removes the attribute.
   *
   * @throws {NodeJS.ErrnoException} ENODATA when there is none of that name.
   */
  readonly removeExtendedAttribute: (path: SystemPath, name: Buffer) => void;
  /** As `removeExtendedAttribute`, of an open file. */
  readonly removeExtendedAttributeFd: (fd: number, name: Buffer) => void;
}

/**
 * XATTR_NAME_MAX of Linux (linux/limits.h), without the zero byte; a longer name is passed on, the
 * kernel answers ERANGE.
 */
const NAME_SIZE_MAX = 255;

/**
 * Returns the calls on extended attributes.
 *
 * @throws {Error} when the C library lacks one.
 */
export function extendedAttributeCalls(library: NativeLibrary): ExtendedAttributeCalls {
  const read = extendedAttributeReader(library, {
    list: library.declare("int64_t llistxattr(const char *path, void *list, size_t size)"),
    listName: "llistxattr",
    get: library.declare(
      "int64_t lgetxattr(const char *path, const char *name, void *value, size_t size)",
    ),
    getName: "lgetxattr",
  });
  const readFd = extendedAttributeReader(library, {
    list: library.declare("int64_t flistxattr(int fd, void *list, size_t size)"),
    listName: "flistxattr",
    get: library.declare("int64_t fgetxattr(int fd, const char *name, void *value, size_t size)"),
    getName: "fgetxattr",
  });
  const set = library.declare(
    "int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)",
  );
  const setFd = library.declare(
    "int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)",
  );
  const remove = library.declare("int lremovexattr(const char *path, const char *name)");
  const removeFd = library.declare("int fremovexattr(int fd, const char *name)");
  const nameScratch = Buffer.allocUnsafeSlow(NAME_SIZE_MAX + 1);

  return {
    readExtendedAttributes: (path) => read(systemPath(path), path),
    readExtendedAttributesFd: (fd) => readFd(fd),
    setExtendedAttribute(path, name, value) {
      if (set(systemPath(path), zeroTerminated(name, nameScratch), value, value.length, 0) !== 0) {
        throw library.lastError("lsetxattr", path);
      }
    },
    setExtendedAttributeFd(fd, name, value) {
      if (setFd(fd, zeroTerminated(name, nameScratch), value, value.length, 0) !== 0) {
        throw library.lastError("fsetxattr");
      }
    },
    removeExtendedAttribute(path, name) {
      if (remove(systemPath(path), zeroTerminated(name, nameScratch)) !== 0) {
        throw library.lastError("lremovexattr", path);
      }
    },
    removeExtendedAttributeFd(fd, name) {
      if (removeFd(fd, zeroTerminated(name, nameScratch)) !== 0) {
        throw library.lastError("fremovexattr");
      }
    },
  };
}
