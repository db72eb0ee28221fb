/**
 * Sandbox files: reading and writing what is in a sandbox from outside, without leaving it.
 */
import type { Readable } from "node:stream";
import type { FileWork } from "./file-work.js";

/** What stands under a name in a sandbox. */
export interface SandboxEntry {
  /** From the sandbox's root on, with a slash at the beginning. */
  readonly path: string;
  /** Its last name. */
  readonly name: string;
  /** `other` is a device, a FIFO or a socket. */
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** 0 but for files. */
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  /** When its content was changed last. */
  readonly modifiedAt: Date;
  /** Where a symbolic link leads, as it says itself. */
  readonly target?: string;
}

/** What is written to a file. */
export type SandboxData = string | Uint8Array | Readable | AsyncIterable<Uint8Array | string>;

/** How a file is written. */
export interface SandboxWriteOptions {
  /** Permission bits. @default those of the file that stands there, or 0o644 */
  readonly mode?: number;
}

/**
 * The files of a sandbox. Paths begin at its root, with or without a slash; `..` does not lead out of it, nor does any link:
 * an absolute one begins at that root as well. Programs may rename and replace what they like meanwhile. Every call writes an
 * event, but those that only look. They can be used while the sandbox is paused.
 *
 * @example
 * await sandbox.files.write("/src/a.txt", "text\n");
 * for (const { path, sizeBytes } of await sandbox.files.list("/", { recursive: true })) console.log(path, sizeBytes);
 */
export class SandboxFiles {
  readonly #work: () => Promise<FileWork>;

  /** @internal */
  constructor(work: () => Promise<FileWork>) {
    this.#work = work;
  }

  /**
   * Returns what is in a directory, sorted by path; of anything else, that alone.
   *
   * @param options `recursive`: with everything below; links are not followed
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, IO
   */
  async list(path = "/", options: { readonly recursive?: boolean } = {}): Promise<SandboxEntry[]> {
    return (await this.#work()).list(path, options.recursive ?? false);
  }

  /**
   * Returns what stands at a path.
   *
   * @param options `follow`: whether a link at its end is followed @default true
   * @throws {CoppiceError} NOT_FOUND, NOT_A_DIRECTORY, IO
   */
  async stat(path: string, options: { readonly follow?: boolean } = {}): Promise<SandboxEntry> {
    return (await this.#work()).stat(path, options.follow ?? true);
  }

  /** Returns whether something stands at a path, links followed. */
  async exists(path: string): Promise<boolean> {
    return (await this.#work()).exists(path);
  }

  /**
   * Returns a file's bytes, all in memory.
   *
   * @throws {CoppiceError} NOT_FOUND, INVALID_ARGUMENT where it is no file, IO
   */
  read(path: string): Promise<Buffer>;
  /** Returns a file's text. */
  read(path: string, options: { readonly encoding: BufferEncoding }): Promise<string>;
  async read(
    path: string,
    { encoding }: { readonly encoding?: BufferEncoding } = {},
  ): Promise<Buffer | string> {
    const bytes = await (await this.#work()).read(path);
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }

  /**
   * Returns a file's bytes as a stream; what is written to the file meanwhile may be in it.
   *
   * @throws {CoppiceError} as `read`
   */
  async readStream(path: string): Promise<Readable> {
    return (await this.#work()).readStream(path);
  }

  /**
   * Writes a file. What stood there is replaced when all is written, so that programs find the old or the new file; it keeps
   * its mode unless told, and other names that it had keep the old content. A link is followed.
   *
   * @throws {CoppiceError} NOT_FOUND where its directory is not there; INVALID_ARGUMENT where something else than a file
   * stands there; DISK_FULL, IO
   */
  async write(path: string, data: SandboxData, options: SandboxWriteOptions = {}): Promise<void> {
    await (await this.#work()).write(path, data, options.mode);
  }

  /**
   * Copies a file of this machine into the sandbox, with its permission bits; see `write`.
   *
   * @throws {CoppiceError} as `write`; NOT_FOUND where there is no such file
   */
  async upload(localPath: string, path: string): Promise<void> {
    await (await this.#work()).upload(localPath, path);
  }

  /**
   * Copies a file of the sandbox to this machine, with its permission bits. A file that is there is replaced when all is written.
   *
   * @throws {CoppiceError} as `read`; DISK_FULL
   */
  async download(path: string, localPath: string): Promise<void> {
    await (await this.#work()).download(path, localPath);
  }

  /**
   * Removes a file, a link, or a directory with everything in it.
   *
   * @throws {CoppiceError} NOT_FOUND; INVALID_ARGUMENT for the root; IO
   */
  async remove(path: string): Promise<void> {
    await (await this.#work()).remove(path);
  }

  /**
   * Makes a directory, and those on the way to it. One that is there stays as it is.
   *
   * @throws {CoppiceError} NOT_A_DIRECTORY, DISK_FULL, IO
   */
  async mkdir(path: string): Promise<void> {
    await (await this.#work()).mkdir(path);
  }

  /**
   * Gives a file, link or directory another name; a file that has it is replaced.
   *
   * @throws {CoppiceError} NOT_FOUND; INVALID_ARGUMENT for the root; IO
   */
  async rename(from: string, to: string): Promise<void> {
    await (await this.#work()).rename(from, to);
  }
}
