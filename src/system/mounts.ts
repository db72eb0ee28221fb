/**
 * Mounting and unmounting, straight through the kernel: 0.7 ms where starting mount(8) takes 9.
 *
 * mount(2) takes its options as one text of at most a page. Where they may be more, as with an image that
 * lies on many devices, `mountWith` gives them one by one (fsopen(2) and its like, Linux 5.2).
 */
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { NativeLibrary } from "./native-library.js";
import { type SystemPath, systemPath } from "./system-path.js";

/** An option by its name, with a value or without. */
export type MountOption = readonly [name: string, value?: SystemPath];

/** The calls on mounts. */
export interface MountCalls {
  /**
   * Mounts a file system on a directory (mount(2)).
   *
   * @param source a device, an image, or a word that only mountinfo shows
   * @param flags of `MOUNT_FLAGS`
   * @param options between commas, 4,095 bytes at most: more is cut off, which the kernel does not tell
   * @throws {NodeJS.ErrnoException} EPERM (needs CAP_SYS_ADMIN), ENODEV (no such file system), ENOENT,
   *   EBUSY, EINVAL (options, or not such a file system; the kernel's log says more), ENOTBLK
   * @throws {RangeError} when the options are longer
   */
  readonly mount: (
    source: SystemPath,
    target: SystemPath,
    type: string,
    flags: number,
    options: SystemPath,
  ) => void;
  /**
   * Mounts a file system with any number of options. The error's message ends with what the kernel says of it.
   *
   * An absolute path of more than 255 bytes is opened and given by its descriptor, since the kernel takes no longer text;
   * so is one with a backslash, which overlayfs drops from text. What the mount table then shows is the path of a layer
   * of overlayfs (from Linux 6.13 on), of all else `/proc/self/fd/` and a number.
   *
   * @param options given in this order; `source` is one of them
   * @param flags of `MOUNT_FLAGS`
   * @throws {NodeJS.ErrnoException} as `mount`; ENOSYS before Linux 5.2; EINVAL for another value of more than 255 bytes
   */
  readonly mountWith: (
    type: string,
    options: readonly MountOption[],
    target: SystemPath,
    flags: number,
  ) => void;
  /**
   * Unmounts what is mounted on a directory last, without following a symbolic link.
   *
   * @param isLazy takes it out of sight at once, and ends it when nobody uses it any more
   * @throws {NodeJS.ErrnoException} EBUSY (in use), EINVAL (not a mount point), ENOENT, EPERM
   */
  readonly unmount: (target: SystemPath, isLazy?: boolean) => void;
}

/** Flags of a mount (linux/mount.h): the numbers of MS_* and MOUNT_ATTR_* are equal for these four. */
export const MOUNT_FLAGS = { readOnly: 1, noSetuid: 2, noDevices: 4, noExecution: 8 } as const;

/** One page, with the closing zero byte: what mount(2) copies of its options. */
const OPTION_BYTES_MAX = 4095;

/** What fsconfig(2) takes of a text, without the closing zero byte. */
const VALUE_BYTES_MAX = 255;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** Of linux/mount.h. */
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const SET_FLAG = 0;
const SET_STRING = 1;
const SET_FD = 5;
const CREATE = 6;
const MOVE_FROM_EMPTY_PATH = 4;
/** Of linux/fcntl.h. */
const AT_FDCWD = -100;

/** The same on all architectures (asm-generic/unistd.h); glibc has functions for them from 2.36. */
const NUMBERS = { moveMount: 429, fsopen: 430, fsconfig: 431, fsmount: 432 } as const;

/**
 * Returns the calls on mounts.
 *
 * @throws {Error} when the C library lacks one.
 */
export function mountCalls(library: NativeLibrary): MountCalls {
  const mount = library.declare(
    "int mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options)",
  );
  const umount = library.declare("int umount2(const char *target, int flags)");
  const fsopen = library.declare(
    "int64_t syscall(int64_t number, const char *type, uint32_t flags)",
  );
  const fsconfig = library.declare(
    "int64_t syscall(int64_t number, int64_t fd, uint64_t command, const char *key, const char *value, int64_t auxiliary)",
  );
  const fsmount = library.declare(
    "int64_t syscall(int64_t number, int64_t fd, uint64_t flags, uint64_t attributes)",
  );
  const moveMount = library.declare(
    "int64_t syscall(int64_t number, int64_t fd, const char *from, int64_t directory, const char *to, uint64_t flags)",
  );

  /** Takes what the kernel says of a failure before another call can take its place. */
  function check(
    result: number | bigint,
    syscall: string,
    context?: number,
    path?: SystemPath,
  ): number {
    if (Number(result) >= 0) return Number(result);
    const error = library.lastError(syscall, path);
    const messages = context === undefined ? [] : kernelMessages(context);
    if (messages.length > 0) error.message += `: ${messages.join("; ")}`;
    throw error;
  }

  return {
    mount(source, target, type, flags, options) {
      if (Buffer.byteLength(options) > OPTION_BYTES_MAX)
        throw new RangeError(
          `Cannot mount: the options have ${Buffer.byteLength(options)} bytes of at most ${OPTION_BYTES_MAX}, use mountWith`,
        );
      // Each in memory of its own: systemPath has only one to lend.
      const [from, on] = [terminated(source), terminated(target)];
      check(mount(from, on, type, flags, terminated(options)), "mount", undefined, target);
    },
    mountWith(type, options, target, flags) {
      const context = check(fsopen(NUMBERS.fsopen, type, FSOPEN_CLOEXEC), "fsopen");
      const held: number[] = [];
      try {
        for (const [name, value] of options) {
          const command = value === undefined ? SET_FLAG : SET_STRING;
          let text = value === undefined ? null : systemPath(value);
          if (value !== undefined && isPathBeyondText(value)) {
            const descriptor = openSync(value, constants.O_RDONLY | constants.O_NONBLOCK);
            held.push(descriptor);
            if (fsconfig(NUMBERS.fsconfig, context, SET_FD, name, null, descriptor) >= 0) continue;
            // The option takes text alone; what the kernel says of that is no failure to tell.
            kernelMessages(context);
            text = `/proc/self/fd/${descriptor}`;
          }
          check(fsconfig(NUMBERS.fsconfig, context, command, name, text, 0), "fsconfig", context);
        }
        check(fsconfig(NUMBERS.fsconfig, context, CREATE, null, null, 0), "fsconfig", context);
        const made = fsmount(NUMBERS.fsmount, context, FSMOUNT_CLOEXEC, flags);
        const mounted = check(made, "fsmount", context);
        try {
          const on = systemPath(target);
          const result = moveMount(
            NUMBERS.moveMount,
            mounted,
            "",
            AT_FDCWD,
            on,
            MOVE_FROM_EMPTY_PATH,
          );
          check(result, "move_mount", undefined, target);
        } finally {
          closeSync(mounted);
        }
      } finally {
        closeSync(context);
        // An image is opened by its name when the file system is made, not when the name is given.
        for (const descriptor of held) closeSync(descriptor);
      }
    },
    unmount(target, isLazy = false) {
      const flags = UMOUNT_NOFOLLOW | (isLazy ? MNT_DETACH : 0);
      check(umount(systemPath(target), flags), "umount2", undefined, target);
    },
  };
}

/** Returns a path with bytes of its own. */
function terminated(path: SystemPath): SystemPath {
  const checked = systemPath(path);
  return typeof checked === "string" ? checked : Buffer.from(checked.subarray(0, path.length + 1));
}

/** Whether a value is a path that would not arrive as it is. */
function isPathBeyondText(value: SystemPath): boolean {
  const isAbsolute = typeof value === "string" ? value.startsWith("/") : value[0] === SLASH;
  return isAbsolute && (Buffer.byteLength(value) > VALUE_BYTES_MAX || value.includes("\\"));
}

const SLASH = 0x2f;

/** Returns what the kernel says of a configuration that failed; each read takes one message. */
function kernelMessages(context: number): string[] {
  const messages: string[] = [];
  const buffer = Buffer.alloc(4096);
  for (;;) {
    try {
      // "e " and the text: an error; warnings and remarks have other letters.
      const count = readSync(context, buffer);
      messages.push(buffer.toString("utf8", 2, count).trim());
    } catch {
      // ENODATA: there are no more. Whatever else it is, the failure itself is being told.
      return messages;
    }
  }
}
