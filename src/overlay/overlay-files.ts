/**
 * Overlay files: the calls of node:fs/promises, on what is in an overlay.
 *
 * Each call is carried out when it is made, whole and before the next one; what is awaited is only its outcome. Large files
 * that are read from the store keep the event loop waiting for a millisecond a megabyte.
 */
import type { ReadStream, WriteStream } from "node:fs";
import type { OverlayDir } from "./directory.js";
import type { OverlayDirent } from "./directory-entry.js";
import { OverlayFileHandle } from "./file-handle.js";
import type {
  BigIntOptions,
  BytesOptions,
  Encoding,
  NumberOptions,
  ReadFileOptions,
  Source,
  StatOptions,
  TextOptions,
  WriteSourceOptions,
} from "./file-options.js";
import { OverlayNames } from "./overlay-names.js";
import { wrongType } from "./posix/check-arguments.js";
import type {
  ListBufferEntries,
  ListBuffers,
  ListEntries,
  Listed,
  ListNames,
  ReaddirOptions,
} from "./posix/list-directory.js";
import type { PathLike } from "./posix/path-bytes.js";
import { pathBytes, textOf } from "./posix/path-bytes.js";
import { explain, refusal } from "./posix/refusal.js";
import type { OverlayBigIntStats, OverlayStats } from "./stats.js";
import { stopIfAborted } from "./stop-if-aborted.js";
import type { ReadStreamOptions, WriteStreamOptions } from "./streams.js";
import { openReadStream, openWriteStream } from "./streams.js";
import { writeSource } from "./write-source.js";

/** The calls of node:fs/promises. */
export abstract class OverlayFiles extends OverlayNames {
  /** As fs.promises.readFile. */
  async readFile(path: PathLike | OverlayFileHandle, options?: BytesOptions): Promise<Buffer>;
  /** As fs.promises.readFile. */
  async readFile(path: PathLike | OverlayFileHandle, options: TextOptions): Promise<string>;
  /** As fs.promises.readFile. */
  async readFile(
    path: PathLike | OverlayFileHandle,
    options?: ReadFileOptions | BufferEncoding | null,
  ): Promise<string | Buffer>;
  /** As fs.promises.readFile. */
  async readFile(
    path: PathLike | OverlayFileHandle,
    options?: ReadFileOptions | BufferEncoding | null,
  ): Promise<string | Buffer> {
    stopIfAborted(options);
    return this.sync.readFileSync(place(path), options);
  }

  /** As fs.promises.writeFile. */
  async writeFile(
    path: PathLike | OverlayFileHandle,
    data: Source,
    options?: WriteSourceOptions | BufferEncoding | null,
  ): Promise<void> {
    await writeSource(this.sync, place(path), data, options, "w");
  }

  /** As fs.promises.appendFile. */
  async appendFile(
    path: PathLike | OverlayFileHandle,
    data: Source,
    options?: WriteSourceOptions | BufferEncoding | null,
  ): Promise<void> {
    await writeSource(this.sync, place(path), data, options, "a");
  }

  /** As fs.promises.open. */
  async open(
    path: PathLike,
    flags?: string | number,
    mode?: string | number,
  ): Promise<OverlayFileHandle> {
    return new OverlayFileHandle(this.sync, this.sync.openSync(path, flags, mode));
  }

  /** As fs.promises.stat. */
  async stat(path: PathLike, options?: NumberOptions): Promise<OverlayStats>;
  /** As fs.promises.stat. */
  async stat(path: PathLike, options: BigIntOptions): Promise<OverlayBigIntStats>;
  /** As fs.promises.stat. */
  async stat(path: PathLike, options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats>;
  /** As fs.promises.stat. */
  async stat(path: PathLike, options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats> {
    return this.sync.statSync(path, { bigint: options?.bigint });
  }

  /** As fs.promises.lstat. */
  async lstat(path: PathLike, options?: NumberOptions): Promise<OverlayStats>;
  /** As fs.promises.lstat. */
  async lstat(path: PathLike, options: BigIntOptions): Promise<OverlayBigIntStats>;
  /** As fs.promises.lstat. */
  async lstat(path: PathLike, options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats>;
  /** As fs.promises.lstat. */
  async lstat(path: PathLike, options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats> {
    return this.sync.lstatSync(path, { bigint: options?.bigint });
  }

  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options?: ListNames): Promise<string[]>;
  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options: ListBuffers): Promise<Buffer[]>;
  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options: ListEntries): Promise<OverlayDirent[]>;
  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options: ListBufferEntries): Promise<OverlayDirent<Buffer>[]>;
  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options?: ReaddirOptions | Encoding): Promise<Listed[]>;
  /** As fs.promises.readdir. */
  async readdir(path: PathLike, options?: ReaddirOptions | Encoding): Promise<Listed[]> {
    return this.sync.readdirSync(path, options);
  }

  /** As fs.promises.opendir. */
  async opendir(path: PathLike, options?: ReaddirOptions): Promise<OverlayDir> {
    return this.sync.opendirSync(path, options);
  }

  /** As fs.createReadStream. */
  createReadStream(path: PathLike, options?: BufferEncoding | ReadStreamOptions): ReadStream {
    return openReadStream(this.sync, path, options);
  }

  /** As fs.createWriteStream. */
  createWriteStream(path: PathLike, options?: BufferEncoding | WriteStreamOptions): WriteStream {
    return openWriteStream(this.sync, path, options);
  }

  /** Fails with ENOSYS: nobody but who holds an overlay changes it. */
  watch(path: PathLike): never {
    throw explain(refusal("ENOSYS"), { syscall: "watch", path: textOf(pathBytes(path)) });
  }
}

function place(path: PathLike | OverlayFileHandle): PathLike | number {
  if (path instanceof OverlayFileHandle) return path.fd;
  // The synchronous calls take descriptors, these do not.
  if (typeof path === "number") throw wrongType("path", "a path or a file handle", path);
  return path;
}
