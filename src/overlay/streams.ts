/**
 * Streams: the streams of node:fs, over the calls of an overlay.
 */
import { ReadStream, WriteStream } from "node:fs";
import type { PathLike } from "./posix/path-bytes.js";
import type { SyncFiles } from "./sync-files.js";

/** As those of fs.createReadStream. */
export interface ReadStreamOptions {
  /** How the file is opened. @default "r", and "w" for writing */
  readonly flags?: string | undefined;
  /** Of text. @default bytes */
  readonly encoding?: BufferEncoding | undefined;
  /** Of a file that is made. @default 0o666, less what the umask takes */
  readonly mode?: number | undefined;
  /** Whether the file is closed at the end. @default true */
  readonly autoClose?: boolean | undefined;
  /** Whether the stream tells that it is closed. @default true */
  readonly emitClose?: boolean | undefined;
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte. */
  readonly end?: number | undefined;
  /** Bytes that are read ahead. @default 65536 */
  readonly highWaterMark?: number | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
}

/** As those of fs.createWriteStream. */
export type WriteStreamOptions = Omit<ReadStreamOptions, "end">;

/** An open file to stream from or to, instead of a path. */
interface Opened {
  readonly fd: number;
  close(): Promise<void>;
}

type Callback = (error: unknown, ...results: unknown[]) => void;

/** The streams' own way to other file systems: their option `fs`, with calls that call back. */
type CallbackFiles = Record<string, (...parameters: never[]) => void>;

type StreamClass<T> = new (path: PathLike | undefined, options: object) => T;

export function openReadStream(
  files: SyncFiles,
  path: PathLike | Opened,
  options: BufferEncoding | ReadStreamOptions = {},
): ReadStream {
  return open(ReadStream as unknown as StreamClass<ReadStream>, files, path, options);
}

export function openWriteStream(
  files: SyncFiles,
  path: PathLike | Opened,
  options: BufferEncoding | WriteStreamOptions = {},
): WriteStream {
  return open(WriteStream as unknown as StreamClass<WriteStream>, files, path, options);
}

function open<T>(
  stream: StreamClass<T>,
  files: SyncFiles,
  path: PathLike | Opened,
  options: BufferEncoding | object,
): T {
  const given = typeof options === "string" ? { encoding: options } : options;
  const fs = callbackFiles(files);
  if (typeof path !== "object" || !("fd" in path)) return new stream(path, { ...given, fs });
  // Through the handle, which is then closed for those that hold it.
  const close = (_fd: number, callback: Callback) =>
    void path.close().then(() => callback(null), callback);
  return new stream(undefined, { ...given, fs: { ...fs, close }, fd: path.fd });
}

function callbackFiles(files: SyncFiles): CallbackFiles {
  const back = (callback: Callback, body: () => unknown, ...more: unknown[]): void => {
    try {
      const result = body();
      process.nextTick(callback, null, result, ...more);
    } catch (error) {
      process.nextTick(callback, error);
    }
  };
  return {
    open: (path: PathLike, flags: string, mode: number, callback: Callback) =>
      back(callback, () => files.openSync(path, flags, mode)),
    read: (
      fd: number,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number | null,
      callback: Callback,
    ) => back(callback, () => files.readSync(fd, buffer, offset, length, position), buffer),
    write: (
      fd: number,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number | null,
      callback: Callback,
    ) => back(callback, () => files.writeSync(fd, buffer, offset, length, position), buffer),
    writev: (fd: number, buffers: Buffer[], position: number | null, callback: Callback) =>
      back(callback, () => files.writevSync(fd, buffers, position), buffers),
    fsync: (fd: number, callback: Callback) => back(callback, () => files.fsyncSync(fd)),
    close: (fd: number, callback: Callback) => back(callback, () => files.closeSync(fd)),
  };
}
