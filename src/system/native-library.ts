/**
 * The C library, reached through the optional package koffi.
 *
 * Loading is synchronous, happens once a thread and has a value as its outcome: the library, or the
 * reason why there is none. Measured, in the main thread and in each worker: koffi 8 to 15 ms,
 * the C library 0.1 ms, a declaration 0.03 ms.
 */

import { createRequire } from "node:module";
import { systemError } from "./system-error.js";
import type { SystemPath } from "./system-path.js";

/** What a call takes: numbers, paths, and memory that it reads or fills. */
export type NativeArgument = number | bigint | SystemPath | BigInt64Array | null;

/** A function of the C library; a negative result is a failure, which `lastError` names. */
export type NativeFunction = (...args: NativeArgument[]) => number | bigint;

/** Functions of the C library by their C prototype. */
export interface NativeLibrary {
  /**
   * Returns the function with this prototype.
   *
   * @throws {Error} when the C library has no function of that name.
   */
  readonly declare: (prototype: string) => NativeFunction;
  /** Returns where some memory lies; it must outlive the use of the address. */
  readonly addressOf: (memory: Uint8Array | Uint32Array) => number;
  /** Returns the number of the failure of the call just made in this thread. */
  readonly errno: () => number;
  /** Returns the failure of the call just made as `node:fs` would throw it. */
  readonly lastError: (syscall: string, path?: SystemPath) => NodeJS.ErrnoException;
}

/** Why something cannot be had on this machine, and what would help. */
export interface Unavailable {
  /** Reason and remedy, for people, without full stop. */
  readonly unavailable: string;
}

/**
 * The part of koffi that is used, so that compiled declarations do not need an optional package.
 */
interface Koffi {
  load(path: string | null): { func(prototype: string): NativeFunction };
  errno(): number;
  address(memory: Uint8Array | Uint32Array): bigint;
}

/**
 * Returns the C library of this process, or why it cannot be called.
 *
 * @param platform As `process.platform`.
 * @param architecture As `process.arch`.
 */
export function loadNativeLibrary(
  platform: string = process.platform,
  architecture: string = process.arch,
): NativeLibrary | Unavailable {
  if (platform !== "linux") {
    return {
      unavailable: `system calls beyond node:fs are written for Linux and this is ${platform}, use Linux`,
    };
  }
  // The calls pass times, sizes and device numbers as these two architectures lay them out: 64-bit,
  // little-endian.
  if (architecture !== "x64" && architecture !== "arm64") {
    return {
      unavailable: `system calls beyond node:fs are written for x64 and arm64 and this is ${architecture}, use one of those`,
    };
  }
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)("koffi") as Koffi;
  } catch (error) {
    return { unavailable: koffiProblem(error as NodeJS.ErrnoException) };
  }
  return openLibrary(koffi, architecture);
}

function koffiProblem(error: NodeJS.ErrnoException): string {
  return error.code === "MODULE_NOT_FOUND"
    ? "the optional package koffi is not installed, install it with npm install koffi"
    : `the optional package koffi does not load (${error.message}), install it again with npm install koffi`;
}

/**
 * The process itself has the C library loaded, whichever it is: `null` reaches it. The names cover
 * a Node.js whose symbols are hidden: glibc's (Debian, Fedora, ...) and musl's (Alpine, Void).
 */
function openLibrary(koffi: Koffi, architecture: "x64" | "arm64"): NativeLibrary | Unavailable {
  const muslName = `libc.musl-${architecture === "x64" ? "x86_64" : "aarch64"}.so.1`;
  const problems: string[] = [];
  for (const name of [null, "libc.so.6", muslName]) {
    try {
      const library = koffi.load(name);
      library.func("int64_t llistxattr(const char *path, void *list, size_t size)");
      return {
        declare: (prototype) => library.func(prototype),
        addressOf: (memory) => Number(koffi.address(memory)),
        errno: koffi.errno,
        lastError: (syscall, path) => systemError(koffi.errno(), syscall, path),
      };
    } catch (error) {
      problems.push(`${name ?? "the process"}: ${(error as Error).message}`);
    }
  }
  return {
    unavailable: `no C library was found (${problems.join("; ")}), use a Node.js that is linked with glibc or musl`,
  };
}
