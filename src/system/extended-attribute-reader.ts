/** Reads all extended attributes of one file with as few system calls as the kernel allows. */

import { constants } from "node:os";
import type { ExtendedAttribute } from "./extended-attributes.js";
import type { NativeFunction, NativeLibrary } from "./native-library.js";
import type { SystemPath } from "./system-path.js";

/**
 * Large enough for nearly all lists and values. The kernel allocates and clears as much as the
 * caller offers: measured on ext4, a call that offers 64 KiB costs 2 to 5 µs, one that offers 1 KiB
 * 1 µs.
 */
const SMALL_SIZE = 1024;

/**
 * XATTR_LIST_MAX and XATTR_SIZE_MAX of Linux (linux/limits.h), both 64 KiB. With so much on offer
 * ERANGE cannot happen, however the attributes change between two calls: one repetition is enough.
 */
const LARGE_SIZE = 65_536;

const NONE: readonly ExtendedAttribute[] = [];

/** The two calls that differ between a path and a descriptor, with their names for errors. */
export interface ReaderCalls {
  readonly list: NativeFunction;
  readonly listName: string;
  readonly get: NativeFunction;
  readonly getName: string;
}

/**
 * Returns a function that reads the attributes of `file` (what the calls take: a path made ready by
 * `systemPath`, or a descriptor); `path` is what its errors tell.
 */
export function extendedAttributeReader(
  library: NativeLibrary,
  { list, listName, get, getName }: ReaderCalls,
): (file: SystemPath | number, path?: SystemPath) => readonly ExtendedAttribute[] {
  const { ENOTSUP, ENODATA, ERANGE } = constants.errno;
  const nameList = new ScratchBuffer();
  const valueBuffer = new ScratchBuffer();

  function listNames(file: SystemPath | number): Buffer | undefined {
    const { small } = nameList;
    const size = Number(list(file, small, SMALL_SIZE));
    if (size >= 0 || library.errno() !== ERANGE) {
      return size < 0 ? undefined : small.subarray(0, size);
    }
    const { large } = nameList;
    const largeSize = Number(list(file, large, LARGE_SIZE));
    return largeSize < 0 ? undefined : large.subarray(0, largeSize);
  }

  function getValue(file: SystemPath | number, name: Buffer): Buffer | undefined {
    const { small } = valueBuffer;
    const size = Number(get(file, name, small, SMALL_SIZE));
    if (size >= 0 || library.errno() !== ERANGE) {
      return size < 0 ? undefined : Buffer.from(small.subarray(0, size));
    }
    const { large } = valueBuffer;
    const largeSize = Number(get(file, name, large, LARGE_SIZE));
    return largeSize < 0 ? undefined : Buffer.from(large.subarray(0, largeSize));
  }

  return (file, path) => {
    const names = listNames(file);
    if (names === undefined && library.errno() !== ENOTSUP) {
      throw library.lastError(listName, path);
    }
    if (names === undefined) {
      return NONE;
    }
    const attributes: ExtendedAttribute[] = [];
    for (let start = 0; start < names.length; ) {
      const end = names.indexOf(0, start);
      // With its zero byte, the name lies in the list just as the next call takes it.
      const value = getValue(file, names.subarray(start, end + 1));
      if (value !== undefined) {
        attributes.push({ name: Buffer.from(names.subarray(start, end)), value });
      } else if (library.errno() !== ENODATA) {
        throw library.lastError(getName, path);
      }
      // ENODATA: removed since it was listed, which is the same as never having been there.
      start = end + 1;
    }
    return attributes.length === 0 ? NONE : attributes.sort((a, b) => a.name.compare(b.name));
  };
}

/** Memory that every call reuses; the large part is made when it is first needed. */
class ScratchBuffer {
  readonly small = Buffer.allocUnsafeSlow(SMALL_SIZE);
  #large: Buffer | undefined;

  get large(): Buffer {
    return (this.#large ??= Buffer.allocUnsafeSlow(LARGE_SIZE));
  }
}
