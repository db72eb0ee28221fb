/**
 * Sync files: the synchronous calls of node:fs on paths, all of them on what is in an overlay.
 */

import type { OverlayDirent } from "./directory-entry.js";
import type {
  CopyFilter,
  Data,
  Encoding,
  EncodingOptions,
  MkdirOptions,
  RmOptions,
  WriteFileOptions,
} from "./file-options.js";
import { copyFile } from "./posix/copy-file.js";
import type { CopyOptions } from "./posix/copy-tree.js";
import { copyTree } from "./posix/copy-tree.js";
import * as inodes from "./posix/inode-calls.js";
import { listDirectory, type ReaddirOptions } from "./posix/list-directory.js";
import * as names from "./posix/name-calls.js";
import { openFlags, parseMode } from "./posix/open-flags.js";
import type { PathLike } from "./posix/path-bytes.js";
import { encoded, pathBytes, textOf } from "./posix/path-bytes.js";
import { calling, errnoOf, explain } from "./posix/refusal.js";
import { writeWhole } from "./posix/write-whole.js";
import { SyncAttributes } from "./sync-attributes.js";

/** The synchronous calls of node:fs on what is in an overlay. */
export class SyncFiles extends SyncAttributes {
  /** As fs.readFileSync. */
  readFileSync(path: PathLike | number, options?: EncodingOptions): string | Buffer {
    const bytes = typeof path === "number" ? this.#readOpen(path) : this.#readPath(path);
    const encoding = encodingOf(options);
    return encoding === undefined || encoding === null || encoding === "buffer"
      ? bytes
      : bytes.toString(encoding);
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

  /** As fs.readdirSync. */
  readdirSync(
    path: PathLike,
    options?: ReaddirOptions | Encoding,
  ): (string | Buffer | OverlayDirent<string | Buffer>)[] {
    const given = typeof options === "object" && options !== null ? options : { encoding: options };
    return this.listFor("scandir", path, given);
  }

  /**
   * Lists a directory, as the call of that name.
   *
   * @internal
   */
  listFor(
    syscall: "scandir" | "opendir",
    path: PathLike,
    options: ReaddirOptions,
  ): (string | Buffer | OverlayDirent<string | Buffer>)[] {
    return this.on(syscall, path, (bytes) => listDirectory(this.caller.tree, bytes, options));
  }

  /** As fs.readlinkSync. */
  readlinkSync(path: PathLike, options?: EncodingOptions): string | Buffer {
    const target = this.on("readlink", path, (bytes) => inodes.readLink(this.caller.tree, bytes));
    return encoded(target, encodingOf(options));
  }

  /** As fs.realpathSync. */
  realpathSync(path: PathLike, options?: EncodingOptions): string | Buffer {
    const real = this.on("realpath", path, (bytes) => inodes.realPath(this.caller.tree, bytes));
    return encoded(real, encodingOf(options));
  }

  /** As fs.mkdirSync. */
  mkdirSync(path: PathLike, options?: string | number | null | MkdirOptions): string | undefined {
    const given = typeof options === "object" && options !== null ? options : { mode: options };
    const mode = parseMode(given.mode, 0o777);
    return this.on("mkdir", path, (bytes) => {
      if (!("recursive" in given) || given.recursive !== true) {
        names.makeDirectory(this.caller, bytes, mode);
        return undefined;
      }
      const first = names.makeDirectories(this.caller, bytes, mode);
      return first === undefined ? undefined : textOf(first);
    });
  }

  /** As fs.mkdtempSync. */
  mkdtempSync(prefix: string): string {
    for (;;) {
      const path = prefix + Math.random().toString(36).slice(2, 8).padEnd(6, "0");
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
   * @param _type is of use on Windows alone
   */
  symlinkSync(target: string | Buffer | URL, path: PathLike, _type?: string | null): void {
    this.#fromTo("symlink", target, path, (a, b) => names.makeSymlink(this.caller, a, b));
  }

  /** Copies a file; both share what neither writes over. @param mode `COPYFILE_EXCL`: fails where the target is there */
  copyFileSync(from: PathLike, to: PathLike, mode = 0): void {
    this.#fromTo("copyfile", from, to, (a, b) => copyFile(this.caller, a, b, mode));
  }

  /** As fs.cpSync. */
  cpSync(
    from: PathLike,
    to: PathLike,
    { filter, ...options }: CopyOptions & { readonly filter?: CopyFilter | undefined } = {},
  ): void {
    const steps = copyTree(this.caller, pathBytes(from, "src"), pathBytes(to, "dest"), options);
    for (let step = steps.next(); step.done !== true; )
      step = steps.next(filter === undefined || answered(filter(...step.value)));
  }

  /** As fs.truncateSync. */
  truncateSync(path: PathLike, length: number | null = 0): void {
    this.on("open", path, (bytes) =>
      inodes.truncate(this.caller.tree, bytes, Math.max(0, length ?? 0)),
    );
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
      this.onOpen("read", descriptor, (file) => (file.inode.kind === "file" ? file.sizeBytes : 1)),
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
    const given = typeof options === "object" && options !== null ? options : { encoding: options };
    const bytes =
      typeof data === "string"
        ? Buffer.from(data, given.encoding ?? "utf8")
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (typeof path === "number") {
      // As node:fs, which makes no call for nothing.
      if (bytes.length > 0) this.writeSync(path, bytes);
    } else {
      const flags = openFlags((given as WriteFileOptions).flag, flag);
      const mode = parseMode((given as WriteFileOptions).mode, 0o666);
      this.on("open", path, (at) => writeWhole(this.caller, at, bytes, flags, mode));
    }
  }
}

function encodingOf(options: EncodingOptions): Encoding | undefined {
  return typeof options === "object" && options !== null ? options.encoding : options;
}

/** Returns what a filter answered. @throws {TypeError} where that is a promise, which nobody can wait for here */
function answered(answer: boolean | Promise<boolean>): boolean {
  if (!(answer instanceof Promise)) return answer;
  const message = 'Expected boolean to be returned from the "filter" function but got a promise';
  throw Object.assign(new TypeError(message), { code: "ERR_INVALID_RETURN_VALUE" });
}
