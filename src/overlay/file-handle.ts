/**
 * File handle: an open file in an overlay, in the shape of the FileHandle of node:fs/promises.
 */
import type { ReadStream, WriteStream } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import type {
  BigIntOptions,
  Data,
  NumberOptions,
  ReadOptions,
  Source,
  StatOptions,
  Time,
  WriteSourceOptions,
} from "./file-options.js";
import { wrongType } from "./posix/check-arguments.js";
import type { OverlayBigIntStats, OverlayStats } from "./stats.js";
import type { ReadStreamOptions, WriteStreamOptions } from "./streams.js";
import { openReadStream, openWriteStream } from "./streams.js";
import type { SyncFiles } from "./sync-files.js";
import { writeSource } from "./write-source.js";

/** What a call read. */
export interface ReadResult<Target> {
  /** How many bytes. */
  readonly bytesRead: number;
  /** The buffer that was given. */
  readonly buffer: Target;
}

/** What a call read into several buffers. */
export interface ReadBuffers<Target> {
  /** How many bytes. */
  readonly bytesRead: number;
  /** The buffers that were given. */
  readonly buffers: Target;
}

/** What a call wrote. */
export interface WriteResult<Written> {
  /** How many bytes. */
  readonly bytesWritten: number;
  /** What was given. */
  readonly buffer: Written;
}

/** What a call wrote of several buffers. */
export interface WrittenBuffers<Written> {
  /** How many bytes. */
  readonly bytesWritten: number;
  /** What was given. */
  readonly buffers: Written;
}

/** As FileHandle. It stays open when the file loses its names, and is closed with its overlay. */
export class OverlayFileHandle {
  /** Its number in its overlay. */
  readonly fd: number;
  readonly #files: SyncFiles;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(files: SyncFiles, fd: number) {
    this.#files = files;
    this.fd = fd;
  }

  /** As filehandle.read. */
  async read<Target extends NodeJS.ArrayBufferView = Buffer>(
    buffer?: Target | (ReadOptions & { readonly buffer?: Target | undefined }) | null,
    offset?: number | ReadOptions | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<ReadResult<Target>> {
    if (ArrayBuffer.isView(buffer)) {
      const bytesRead = this.#files.readSync(this.fd, buffer, offset, length, position);
      return { bytesRead, buffer };
    }
    const options: ReadOptions & { readonly buffer?: Target | undefined } = buffer ?? {};
    if (typeof options !== "object" || Array.isArray(options))
      throw wrongType("buffer", "an instance of Buffer, TypedArray or DataView", buffer);
    const target = options.buffer ?? (Buffer.alloc(READ_BYTES) as unknown as Target);
    return { bytesRead: this.#files.readSync(this.fd, target, options), buffer: target };
  }

  /** As filehandle.readv. */
  async readv<Target extends readonly NodeJS.ArrayBufferView[]>(
    buffers: Target,
    position?: number | null,
  ): Promise<ReadBuffers<Target>> {
    return { bytesRead: this.#files.readvSync(this.fd, buffers, position), buffers };
  }

  /** As filehandle.write. */
  async write<Written extends Data>(
    data: Written,
    offsetOrPosition?: number | ReadOptions | null,
    lengthOrEncoding?: number | BufferEncoding | null,
    position?: number | null,
  ): Promise<WriteResult<Written>> {
    const bytesWritten = this.#files.writeSync(
      this.fd,
      data,
      offsetOrPosition,
      lengthOrEncoding,
      position,
    );
    return { bytesWritten, buffer: data };
  }

  /** As filehandle.writev. */
  async writev<Written extends readonly NodeJS.ArrayBufferView[]>(
    buffers: Written,
    position?: number | null,
  ): Promise<WrittenBuffers<Written>> {
    return { bytesWritten: this.#files.writevSync(this.fd, buffers, position), buffers };
  }

  /** Returns what is from the position on. */
  async readFile(options?: { readonly encoding?: null | undefined } | null): Promise<Buffer>;
  /** As filehandle.readFile. */
  async readFile(options: BufferEncoding | { readonly encoding: BufferEncoding }): Promise<string>;
  /** As filehandle.readFile. */
  async readFile(
    options?: BufferEncoding | { readonly encoding?: BufferEncoding | null | undefined } | null,
  ): Promise<string | Buffer> {
    return this.#files.readFileSync(this.fd, options);
  }

  /** As filehandle.writeFile. */
  async writeFile(
    data: Source,
    options?: WriteSourceOptions | BufferEncoding | null,
  ): Promise<void> {
    await writeSource(this.#files, this.fd, data, options, "w");
  }

  /** As filehandle.appendFile. */
  async appendFile(
    data: Source,
    options?: WriteSourceOptions | BufferEncoding | null,
  ): Promise<void> {
    await writeSource(this.#files, this.fd, data, options, "a");
  }

  /** As filehandle.truncate. */
  async truncate(length?: number | null): Promise<void> {
    this.#files.ftruncateSync(this.fd, length);
  }

  /** As filehandle.stat. */
  async stat(options?: NumberOptions): Promise<OverlayStats>;
  /** As filehandle.stat. */
  async stat(options: BigIntOptions): Promise<OverlayBigIntStats>;
  /** As filehandle.stat. */
  async stat(options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats>;
  /** As filehandle.stat. */
  async stat(options?: StatOptions): Promise<OverlayStats | OverlayBigIntStats> {
    return this.#files.fstatSync(this.fd, options);
  }

  /** As filehandle.chmod. */
  async chmod(mode: string | number): Promise<void> {
    this.#files.fchmodSync(this.fd, mode);
  }

  /** As filehandle.chown. */
  async chown(uid: number, gid: number): Promise<void> {
    this.#files.fchownSync(this.fd, uid, gid);
  }

  /** As filehandle.utimes. */
  async utimes(accessed: Time, modified: Time): Promise<void> {
    this.#files.futimesSync(this.fd, accessed, modified);
  }

  /** As filehandle.sync. */
  async sync(): Promise<void> {
    this.#files.fsyncSync(this.fd);
  }

  /** As filehandle.datasync. */
  async datasync(): Promise<void> {
    this.#files.fdatasyncSync(this.fd);
  }

  /** As filehandle.createReadStream. */
  createReadStream(options?: ReadStreamOptions): ReadStream {
    return openReadStream(this.#files, this, options);
  }

  /** As filehandle.createWriteStream. */
  createWriteStream(options?: WriteStreamOptions): WriteStream {
    return openWriteStream(this.#files, this, options);
  }

  /** Reads the file line by line. */
  readLines(options?: ReadStreamOptions): Interface {
    return createInterface({
      input: this.createReadStream(options),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
  }

  /** As filehandle.close; once its overlay was discarded, it is closed. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      if (!this.#files.isEnded) this.#files.closeSync(this.fd);
    })();
    await this.#closing;
  }

  /** Closes it, for `await using` where the language has it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What a call reads to that was given no buffer, as node:fs. */
const READ_BYTES = 16_384;
