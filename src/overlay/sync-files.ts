/**
 * Sync files: the synchronous calls of node:fs on paths, all of them on what is in an overlay.
 */

import { constants } from "node:fs";
import type {
  BytesOptions,
  CopyFilter,
  Data,
  Encoding,
  EncodingOptions,
  MkdirOptions,
  ReadFileOptions,
  RmOptions,
  TextOptions,
  WriteFileOptions,
} from "./file-options.js";
import {
  bytesOf,
  checkBooleans,
  checkOptions,
  checkSize,
  checkThreeBits,
  checkUint32,
  optionsOf,
  wrongValue,
} from "./posix/check-arguments.js";
import { copyFile } from "./posix/copy-file.js";
import type { CopyOptions } from "./posix/copy-options.js";
import { checkAnswer, checkCopyOptions } from "./posix/copy-options.js";
import { copyTree } from "./posix/copy-tree.js";
import * as inodes from "./posix/inode-calls.js";
import * as names from "./posix/name-calls.js";
import { openFlags, parseMode } from "./posix/open-flags.js";
import type { PathLike } from "./posix/path-bytes.js";
import { pathBytes, textOf } from "./posix/path-bytes.js";
import { calling, errnoOf, explain } from "./posix/refusal.js";
import { writeWhole } from "./posix/write-whole.js";
import { SyncAttributes } from "./sync-attributes.js";

/** The synchronous calls of node:fs on what is in an overlay. */
export class SyncFiles extends SyncAttributes {
  /** As fs.readFileSync. */
  readFileSync(path: PathLike | number, options?: "buffer" | BytesOptions): Buffer;
  /** As fs.readFileSync. */
  readFileSync(path: PathLike | number, options: TextOptions): string;
  /** As fs.readFileSync. */
  readFileSync(
    path: PathLike | number,
    options?: ReadFileOptions | EncodingOptions,
  ): string | Buffer;
  /** As fs.readFileSync. */
  readFileSync(
    path: PathLike | number,
    options?: ReadFileOptions | EncodingOptions,
  ): string | Buffer {
    const { encoding, flag } = optionsOf<ReadAsOptions>(options);
    const bytes = this.#read(path, openFlags(flag, "r"));
    return !encoding || encoding === "buffer" ? bytes : bytes.toString(encoding);
  }

  /** As fs.writeFileSync. */
  writeFileSync(
    path: PathLike | number,
    data: Data,
    options?: WriteFileOptions | BufferEncoding | null,
  ): void {
    this.#write(path, data, options, "w");
  }

  /** As fs.appendFileSync. */
  appendFileSync(
    path: PathLike | number,
    data: Data,
    options?: WriteFileOptions | BufferEncoding | null,
  ): void {
    this.#write(path, data, options, "a");
  }

  /** As fs.mkdirSync. */
  mkdirSync(path: PathLike, options?: string | number | null | MkdirOptions): string | undefined {
    const isMode = typeof options === "number" || typeof options === "string";
    const given: MkdirOptions = isMode ? { mode: options } : (options ?? {});
    checkBooleans(given, ["recursive"]);
    const mode = parseMode(given.mode, 0o777);
    return this.on("mkdir", path, (bytes) => {
      if (given.recursive !== true) {
        names.makeDirectory(this.caller, bytes, mode);
        return undefined;
      }
      const first = names.makeDirectories(this.caller, bytes, mode);
      return first === undefined ? undefined : textOf(first);
    });
  }

  /** As fs.mkdtempSync. */
  mkdtempSync(prefix: string): string {
    const start = textOf(pathBytes(prefix, "prefix"));
    for (;;) {
      const path = start + Math.random().toString(36).slice(2, 8).padEnd(6, "0");
      try {
        names.makeDirectory(this.caller, pathBytes(path, "prefix"), 0o700);
        return path;
      } catch (error) {
        if (errnoOf(error) !== "EEXIST") throw explain(error, { syscall: "mkdtemp", path });
      }
    }
  }

  /** As fs.rmdirSync. */
  rmdirSync(path: PathLike): void {
    this.on("rmdir", path, (bytes) => names.removeDirectory(this.caller, bytes));
  }

  /** As fs.unlinkSync. */
  unlinkSync(path: PathLike): void {
    this.on("unlink", path, (bytes) => names.removeName(this.caller, bytes));
  }

  /** As fs.rmSync. */
  rmSync(path: PathLike, options: RmOptions = {}): void {
    checkOptions(options);
    checkBooleans(options, ["force", "recursive"]);
    for (const name of ["maxRetries", "retryDelay"] as const)
      if (options[name] !== undefined) checkUint32(`options.${name}`, options[name]);
    const { force = false } = options;
    const kind = this.on("lstat", path, (bytes) =>
      names.kindOf(this.caller, bytes, { isMissingFine: force }),
    );
    if (kind === undefined) return;
    if (kind !== "directory") {
      this.on("unlink", path, (bytes) => names.removeName(this.caller, bytes));
    } else if (options.recursive === true) {
      this.on("rmdir", path, (bytes) => names.removeTree(this.caller, bytes));
    } else {
      const text = textOf(pathBytes(path));
      throw Object.assign(
        new Error(`Path is a directory: rm returned EISDIR (is a directory) ${text}`),
        {
          name: "SystemError",
          code: "ERR_FS_EISDIR",
          errno: 21,
          syscall: "rm",
          path: text,
        },
      );
    }
  }

  /** As fs.renameSync. */
  renameSync(from: PathLike, to: PathLike): void {
    this.#fromTo("rename", from, to, (a, b) => names.rename(this.caller, a, b));
  }

  /** As fs.linkSync. */
  linkSync(existing: PathLike, path: PathLike): void {
    this.#fromTo("link", existing, path, (a, b) => names.makeLink(this.caller, a, b));
  }

  /**
   * As fs.symlinkSync.
   *
   * @param type is of use on Windows alone: `dir`, `file` or `junction`
   */
  symlinkSync(target: string | Buffer | URL, path: PathLike, type?: string | null): void {
    if (![undefined, null, "dir", "file", "junction"].includes(type))
      throw wrongValue("type", type);
    this.#fromTo("symlink", target, path, (a, b) => names.makeSymlink(this.caller, a, b));
  }

  /** Copies a file; both share what neither writes over. @param mode `COPYFILE_EXCL`: fails where the target is there */
  copyFileSync(from: PathLike, to: PathLike, mode?: number | null): void {
    const bits = checkThreeBits("mode", mode);
    this.#fromTo("copyfile", from, to, (a, b) => copyFile(this.caller, a, b, bits));
  }

  /** As fs.cpSync. */
  cpSync(
    from: PathLike,
    to: PathLike,
    options: CopyOptions & { readonly filter?: CopyFilter | undefined } = {},
  ): void {
    const steps = this.copySteps(from, to, options);
    const { filter } = options;
    for (let step = steps.next(); step.done !== true; )
      step = steps.next(filter === undefined || checkAnswer(filter(...step.value)));
  }

  /**
   * Copies step by step, as `copyTree` does.
   *
   * @internal
   */
  copySteps(
    from: PathLike,
    to: PathLike,
    options: CopyOptions & { readonly filter?: unknown },
  ): ReturnType<typeof copyTree> {
    checkCopyOptions(options);
    return copyTree(this.caller, pathBytes(from, "src"), pathBytes(to, "dest"), options);
  }

  /** As fs.truncateSync. */
  truncateSync(path: PathLike, length?: number | null): void {
    const sizeBytes = checkSize("len", length);
    this.on("open", path, (bytes) => inodes.truncate(this.caller.tree, bytes, sizeBytes));
  }

  #fromTo(
    syscall: string,
    from: PathLike,
    to: PathLike,
    body: (from: string, to: string) => void,
  ): void {
    const [a, b] = [pathBytes(from, "oldPath"), pathBytes(to, "newPath")];
    calling({ syscall, path: textOf(a), dest: textOf(b) }, () => body(a, b));
  }

  #read(path: PathLike | number, flags: number): Buffer {
    if (typeof path === "number") return this.#readOpen(path);
    if (flags === constants.O_RDONLY) return this.#readPath(path);
    const descriptor = this.openSync(path, flags);
    try {
      return this.#readOpen(descriptor);
    } finally {
      this.closeSync(descriptor);
    }
  }

  #readPath(path: PathLike): Buffer {
    const bytes = pathBytes(path);
    try {
      return inodes.readWhole(this.caller.tree, bytes);
    } catch (error) {
      // A directory can be opened, but not read.
      const isDirectory = errnoOf(error) === "EISDIR";
      throw explain(
        error,
        isDirectory ? { syscall: "read" } : { syscall: "open", path: textOf(bytes) },
      );
    }
  }

  #readOpen(descriptor: number): Buffer {
    const bytes = Buffer.alloc(
      this.onOpen("read", descriptor, (file) =>
        file.inode.kind === "file" ? inodes.wholeSize(file.sizeBytes) : 1,
      ),
    );
    return bytes.subarray(
      0,
      this.onOpen("read", descriptor, (file) => file.read(bytes, null)),
    );
  }

  #write(
    path: PathLike | number,
    data: Data,
    options: WriteFileOptions | BufferEncoding | null | undefined,
    flag: string,
  ): void {
    const given = optionsOf<WriteFileOptions>(options);
    const bytes = bytesOf(data, given.encoding);
    if (typeof path === "number") {
      // As node:fs, which makes no call for nothing.
      if (bytes.length > 0) this.writeSync(path, bytes);
    } else {
      const flags = openFlags(given.flag, flag);
      const mode = parseMode(given.mode, 0o666);
      this.on("open", path, (at) => writeWhole(this.caller, at, bytes, flags, mode));
    }
  }
}

/** How a file is read, where its bytes can be asked for by a word. */
type ReadAsOptions = Omit<ReadFileOptions, "encoding"> & {
  readonly encoding?: Encoding | undefined;
};
