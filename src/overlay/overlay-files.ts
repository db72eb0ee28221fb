/**
 * Overlay files: the calls of node:fs/promises, on what is in an overlay.
 *
 * Each call is carried out when it is made, whole and before the next one; what is awaited is only its outcome. Large files
 * that are read from the store keep the event loop waiting for a millisecond a megabyte.
 */
import type { ReadStream, WriteStream } from "node:fs";
import { OverlayDir } from "./directory.js";
import type { OverlayDirent } from "./directory-entry.js";
import { OverlayFileHandle } from "./file-handle.js";
import type {
  Data,
  Encoding,
  ReadFileOptions,
  Source,
  StatOptions,
  WriteFileOptions,
} from "./file-options.js";
import { OverlayNames } from "./overlay-names.js";
import { optionsOf, wrongType } from "./posix/check-arguments.js";
import type { ReaddirOptions } from "./posix/list-directory.js";
import type { PathLike } from "./posix/path-bytes.js";
import { pathBytes, textOf } from "./posix/path-bytes.js";
import { explain, refusal } from "./posix/refusal.js";
import type { OverlayBigIntStats, OverlayStats } from "./stats.js";
import type { ReadStreamOptions, WriteStreamOptions } from "./streams.js";
import { openReadStream, openWriteStream } from "./streams.js";

/** That a file comes as text. */
export type TextOptions =
  | BufferEncoding
  | (ReadFileOptions & {
      /** Of the text. */
      readonly encoding: BufferEncoding;
    });
export abstract class OverlayFiles extends OverlayNames {
  /** As fs.promises.readFile. */
  async readFile(
    path: PathLike | OverlayFileHandle,
    options?: (ReadFileOptions & { readonly encoding?: null | undefined }) | null,
  ): Promise<Buffer>;
  /** As fs.promises.readFile. */
  async readFile(path: PathLike | OverlayFileHandle, options: TextOptions): Promise<string>;
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
    options?:
      | (WriteFileOptions & { readonly signal?: AbortSignal | undefined })
      | BufferEncoding
      | null,
  ): Promise<void> {
    stopIfAborted(options);
    if (!isPieces(data)) this.sync.writeFileSync(place(path), data, options);
    else await this.#pour(path, data, options, "w");
  }

  /** As fs.promises.appendFile. */
  async appendFile(
    path: PathLike | OverlayFileHandle,
    data: Source,
    options?: WriteFileOptions | BufferEncoding | null,
  ): Promise<void> {
    if (!isPieces(data)) this.sync.appendFileSync(place(path), data, options);
    else await this.#pour(path, data, options, "a");
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
  async stat(
    path: PathLike,
    options: StatOptions & { readonly bigint: true },
  ): Promise<OverlayBigIntStats>;
  /** As fs.promises.stat. */
  async stat(
    path: PathLike,
    options?: StatOptions & { readonly bigint?: false | undefined },
  ): Promise<OverlayStats>;
  /** As fs.promises.stat. */
  async stat(
    path: PathLike,
    options: StatOptions = {},
  ): Promise<OverlayStats | OverlayBigIntStats> {
    return this.sync.statSync(path, options) as OverlayStats;
  }

  /** As fs.promises.lstat. */
  async lstat(
    path: PathLike,
    options: StatOptions & { readonly bigint: true },
  ): Promise<OverlayBigIntStats>;
  /** As fs.promises.lstat. */
  async lstat(
    path: PathLike,
    options?: StatOptions & { readonly bigint?: false | undefined },
  ): Promise<OverlayStats>;
  /** As fs.promises.lstat. */
  async lstat(
    path: PathLike,
    options: StatOptions = {},
  ): Promise<OverlayStats | OverlayBigIntStats> {
    return this.sync.lstatSync(path, options) as OverlayStats;
  }

  /** As fs.promises.readdir. */
  async readdir(
    path: PathLike,
    options: ReaddirOptions & { readonly withFileTypes: true },
  ): Promise<OverlayDirent[]>;
  /** As fs.promises.readdir. */
  async readdir(
    path: PathLike,
    options:
      | "buffer"
      | (ReaddirOptions & { readonly encoding: "buffer"; readonly withFileTypes?: false }),
  ): Promise<Buffer[]>;
  /** As fs.promises.readdir. */
  async readdir(
    path: PathLike,
    options?:
      | BufferEncoding
      | null
      | (ReaddirOptions & { readonly withFileTypes?: false | undefined }),
  ): Promise<string[]>;
  /** As fs.promises.readdir. */
  async readdir(
    path: PathLike,
    options?: ReaddirOptions | Encoding,
  ): Promise<(string | Buffer | OverlayDirent<string | Buffer>)[]> {
    return this.sync.readdirSync(path, options);
  }

  /** As fs.promises.opendir. */
  async opendir(path: PathLike, options?: ReaddirOptions): Promise<OverlayDir> {
    const given = optionsOf<ReaddirOptions>(options);
    const entries = this.sync.listFor("opendir", path, { ...given, withFileTypes: true });
    return new OverlayDir(textOf(pathBytes(path)), entries as OverlayDirent[]);
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

  async #pour(
    path: PathLike | OverlayFileHandle,
    data: Exclude<Source, Data>,
    options: WriteFileOptions | BufferEncoding | null | undefined,
    flag: string,
  ): Promise<void> {
    const given = optionsOf<WriteFileOptions>(options);
    const isOpen = path instanceof OverlayFileHandle;
    const file = isOpen ? path.fd : this.sync.openSync(path, given.flag ?? flag, given.mode);
    try {
      for await (const piece of data)
        this.sync.writeSync(
          file,
          typeof piece === "string" ? Buffer.from(piece, given.encoding || "utf8") : piece,
        );
    } finally {
      if (!isOpen) this.sync.closeSync(file);
    }
  }
}

function place(path: PathLike | OverlayFileHandle): PathLike | number {
  if (path instanceof OverlayFileHandle) return path.fd;
  // The synchronous calls take descriptors, these do not.
  if (typeof path === "number") throw wrongType("path", "a path or a file handle", path);
  return path;
}

function isPieces(data: Source): data is Exclude<Source, Data> {
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return false;
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

function stopIfAborted(options: unknown): void {
  if (typeof options !== "object" || options === null || !("signal" in options)) return;
  const { signal } = options;
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal))
    throw wrongType("options.signal", "an instance of AbortSignal", signal);
  signal.throwIfAborted();
}
