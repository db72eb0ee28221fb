/**
 * Overlay names: the calls of node:fs/promises on names and attributes, on what is in an overlay.
 */
import type {
  BufferNames,
  EncodingOptions,
  MkdirOptions,
  NamesOptions,
  RmOptions,
  Time,
} from "./file-options.js";
import type { CopyOptions } from "./posix/copy-options.js";
import type { PathLike } from "./posix/path-bytes.js";
import type { SyncFiles } from "./sync-files.js";

export abstract class OverlayNames {
  /** The synchronous calls of node:fs, as in `overlay.sync.readFileSync("a")`. */
  abstract readonly sync: SyncFiles;

  /** As fs.promises.readlink. */
  async readlink(path: PathLike, options: BufferNames): Promise<Buffer>;
  /** As fs.promises.readlink. */
  async readlink(path: PathLike, options?: NamesOptions): Promise<string>;
  /** As fs.promises.readlink. */
  async readlink(path: PathLike, options?: EncodingOptions): Promise<string | Buffer>;
  /** As fs.promises.readlink. */
  async readlink(path: PathLike, options?: EncodingOptions): Promise<string | Buffer> {
    return this.sync.readlinkSync(path, options);
  }

  /** As fs.promises.realpath. */
  async realpath(path: PathLike, options: BufferNames): Promise<Buffer>;
  /** As fs.promises.realpath. */
  async realpath(path: PathLike, options?: NamesOptions): Promise<string>;
  /** As fs.promises.realpath. */
  async realpath(path: PathLike, options?: EncodingOptions): Promise<string | Buffer>;
  /** As fs.promises.realpath. */
  async realpath(path: PathLike, options?: EncodingOptions): Promise<string | Buffer> {
    return this.sync.realpathSync(path, options);
  }

  /** As fs.promises.mkdir. */
  async mkdir(
    path: PathLike,
    options?: string | number | null | MkdirOptions,
  ): Promise<string | undefined> {
    return this.sync.mkdirSync(path, options);
  }

  /** As fs.promises.mkdtemp. */
  async mkdtemp(prefix: string): Promise<string> {
    return this.sync.mkdtempSync(prefix);
  }

  /** As fs.promises.rmdir. */
  async rmdir(path: PathLike): Promise<void> {
    this.sync.rmdirSync(path);
  }

  /** As fs.promises.rm. */
  async rm(path: PathLike, options?: RmOptions): Promise<void> {
    this.sync.rmSync(path, options);
  }

  /** As fs.promises.unlink. */
  async unlink(path: PathLike): Promise<void> {
    this.sync.unlinkSync(path);
  }

  /** As fs.promises.rename. */
  async rename(from: PathLike, to: PathLike): Promise<void> {
    this.sync.renameSync(from, to);
  }

  /** As fs.promises.link. */
  async link(existing: PathLike, path: PathLike): Promise<void> {
    this.sync.linkSync(existing, path);
  }

  /** As fs.promises.symlink. */
  async symlink(
    target: string | Buffer | URL,
    path: PathLike,
    type?: string | null,
  ): Promise<void> {
    this.sync.symlinkSync(target, path, type);
  }

  /** As fs.promises.copyFile. */
  async copyFile(from: PathLike, to: PathLike, mode?: number | null): Promise<void> {
    this.sync.copyFileSync(from, to, mode);
  }

  /** As fs.promises.cp. */
  async cp(
    from: PathLike,
    to: PathLike,
    options: CopyOptions & {
      /** What is copied. @default everything */
      readonly filter?:
        | ((source: string, destination: string) => boolean | Promise<boolean>)
        | undefined;
    } = {},
  ): Promise<void> {
    const steps = this.sync.copySteps(from, to, options);
    const { filter } = options;
    for (let step = steps.next(); step.done !== true; )
      step = steps.next(filter === undefined || (await filter(...step.value)));
  }

  /** As fs.promises.truncate. */
  async truncate(path: PathLike, length?: number | null): Promise<void> {
    this.sync.truncateSync(path, length);
  }

  /** As fs.promises.chmod. */
  async chmod(path: PathLike, mode: string | number): Promise<void> {
    this.sync.chmodSync(path, mode);
  }

  /** As fs.promises.chown. */
  async chown(path: PathLike, uid: number, gid: number): Promise<void> {
    this.sync.chownSync(path, uid, gid);
  }

  /** As fs.promises.lchown. */
  async lchown(path: PathLike, uid: number, gid: number): Promise<void> {
    this.sync.lchownSync(path, uid, gid);
  }

  /** As fs.promises.utimes. */
  async utimes(path: PathLike, accessed: Time, modified: Time): Promise<void> {
    this.sync.utimesSync(path, accessed, modified);
  }

  /** As fs.promises.lutimes. */
  async lutimes(path: PathLike, accessed: Time, modified: Time): Promise<void> {
    this.sync.lutimesSync(path, accessed, modified);
  }

  /** As fs.promises.access. */
  async access(path: PathLike, mode?: number | null): Promise<void> {
    this.sync.accessSync(path, mode);
  }

  /** Returns whether a path leads to something, symbolic links followed. */
  async exists(path: PathLike): Promise<boolean> {
    return this.sync.existsSync(path);
  }
}
