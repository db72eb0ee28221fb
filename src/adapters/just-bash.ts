/**
 * Just-bash: an overlay as the file system of a shell of the package just-bash.
 *
 * The shell puts no /bin, /dev and /proc into it: what is in the overlay afterwards is what the script did. `/dev/null` is
 * there all the same, since scripts rely on it: it is empty, and what is written to it is gone.
 */
import { AsyncResource } from "node:async_hooks";
import { posix } from "node:path";
import type { OverlayDirent } from "../overlay/directory-entry.js";
import type { Overlay } from "../overlay/overlay.js";
import type { OverlayBigIntStats, OverlayStats } from "../overlay/stats.js";
import type { SyncFiles } from "../overlay/sync-files.js";

/** What just-bash asks of a file, as its interface `FsStat`. */
export interface BashStat {
  /** Whether it is a regular file. */
  readonly isFile: boolean;
  /** Whether it is a directory. */
  readonly isDirectory: boolean;
  /** Whether it is a symbolic link. */
  readonly isSymbolicLink: boolean;
  /** Permission bits alone. */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** When its content changed last. */
  readonly mtime: Date;
  /** The same for everything in an overlay. */
  readonly dev: number;
  /** Stays the same while the overlay lives. */
  readonly ino: number;
}

/** A name in a directory, as its interface `DirentEntry`. */
export type BashDirent = Pick<BashStat, "isFile" | "isDirectory" | "isSymbolicLink"> & {
  /** The name alone. */
  readonly name: string;
};

/** The encodings that it knows. */
export type BashEncoding = "utf8" | "utf-8" | "ascii" | "binary" | "base64" | "hex" | "latin1";

/** An encoding of text, alone or as an option. */
export type BashEncodingOptions =
  | BashEncoding
  | {
      /** @default "utf8" */
      readonly encoding?: BashEncoding | null;
    };

type Kind = Pick<BashStat, "isFile" | "isDirectory" | "isSymbolicLink">;

const NULL_DEVICE = "/dev/null";
/** The asynchronous context in which this file was loaded, which is no script's. */
const OUTSIDE = new AsyncResource("coppice.BashFileSystem");

/**
 * An overlay as its interface `IFileSystem`. Errors are those of node:fs. A fork of the overlay needs a file system of its own.
 *
 * @example
 * const bash = new Bash({ fs: new BashFileSystem(store.overlay("before")), cwd: "/" });
 * await bash.exec("sed -i s/a/b/ src/*.ts");
 */
export class BashFileSystem {
  readonly #files: SyncFiles;

  /** @param overlay what scripts work on */
  constructor(overlay: Overlay) {
    this.#files = overlay.sync;
  }

  /** Returns a file as text. */
  async readFile(path: string, options?: BashEncodingOptions): Promise<string> {
    if (path === NULL_DEVICE) return "";
    const encoding = encodingOf(options) ?? "utf8";
    return host(() => this.#files.readFileSync(path, encoding) as string);
  }

  /** Returns a file's bytes. */
  async readFileBuffer(path: string): Promise<Uint8Array> {
    if (path === NULL_DEVICE) return new Uint8Array();
    return host(() => this.#files.readFileSync(path) as Buffer);
  }

  /** Writes a file. */
  async writeFile(
    path: string,
    content: string | Uint8Array,
    options?: BashEncodingOptions,
  ): Promise<void> {
    if (path === NULL_DEVICE) return;
    this.#put(path, () => this.#files.writeFileSync(path, content, encodingOf(options)));
  }

  /** Writes to the end of a file. */
  async appendFile(
    path: string,
    content: string | Uint8Array,
    options?: BashEncodingOptions,
  ): Promise<void> {
    if (path === NULL_DEVICE) return;
    this.#put(path, () => this.#files.appendFileSync(path, content, encodingOf(options)));
  }

  /** Returns whether a path leads to something. */
  async exists(path: string): Promise<boolean> {
    return path === NULL_DEVICE || host(() => this.#files.existsSync(path));
  }

  /** Returns what a path leads to, symbolic links followed. */
  async stat(path: string): Promise<BashStat> {
    return path === NULL_DEVICE ? nullStat() : told(host(() => this.#files.statSync(path)));
  }

  /** Returns what is at a path. */
  async lstat(path: string): Promise<BashStat> {
    return path === NULL_DEVICE ? nullStat() : told(host(() => this.#files.lstatSync(path)));
  }

  /** Makes a directory. */
  async mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<void> {
    host(() => this.#files.mkdirSync(path, options));
  }

  /** Returns the names in a directory, sorted by their bytes. */
  async readdir(path: string): Promise<string[]> {
    return host(() => this.#files.readdirSync(path) as string[]);
  }

  /** The same, with what they are. */
  async readdirWithFileTypes(path: string): Promise<BashDirent[]> {
    const entries = host(() => this.#files.readdirSync(path, { withFileTypes: true }));
    return (entries as OverlayDirent[]).map((entry) => ({ name: entry.name, ...kindOf(entry) }));
  }

  /** Removes a file, an empty directory, or a directory with all that is in it. */
  async rm(
    path: string,
    options: { readonly recursive?: boolean; readonly force?: boolean } = {},
  ): Promise<void> {
    host(() => {
      const stats = this.#files.lstatSync(path, { throwIfNoEntry: options.force !== true });
      if (stats?.isDirectory() === true && options.recursive !== true) this.#files.rmdirSync(path);
      else this.#files.rmSync(path, options);
    });
  }

  /** Copies a file, a symbolic link or a directory. Bytes are shared, not copied. */
  async cp(from: string, to: string, options?: { readonly recursive?: boolean }): Promise<void> {
    const given = { ...options, verbatimSymlinks: true };
    this.#put(to, () => this.#files.cpSync(from, to, given));
  }

  /** Renames. */
  async mv(from: string, to: string): Promise<void> {
    this.#put(to, () => this.#files.renameSync(from, to));
  }

  /** Returns a path without `.` and `..`, from a directory if it is relative. */
  resolvePath(base: string, path: string): string {
    return posix.resolve("/", base, path);
  }

  /** Returns all paths that there are. Lists every directory. */
  getAllPaths(): string[] {
    const names = host(() => this.#files.readdirSync("/", { recursive: true }) as string[]);
    return ["/", ...names.map((name) => `/${name}`)];
  }

  /** Sets permission bits. */
  async chmod(path: string, mode: number): Promise<void> {
    host(() => this.#files.chmodSync(path, mode));
  }

  /** Makes a symbolic link. */
  async symlink(target: string, path: string): Promise<void> {
    this.#put(path, () => this.#files.symlinkSync(target, path));
  }

  /** Gives a file another name. */
  async link(existing: string, path: string): Promise<void> {
    this.#put(path, () => this.#files.linkSync(existing, path));
  }

  /** Returns where a symbolic link leads. */
  async readlink(path: string): Promise<string> {
    return host(() => this.#files.readlinkSync(path, "utf8") as string);
  }

  /** Returns a path without symbolic links in it. */
  async realpath(path: string): Promise<string> {
    return host(() => this.#files.realpathSync(path, "utf8") as string);
  }

  /** Sets times. */
  async utimes(path: string, accessed: Date, modified: Date): Promise<void> {
    host(() => this.#files.utimesSync(path, accessed, modified));
  }

  /** Makes a name. Directories that it lacks are made, as by the package's own file systems: the shell relies on it. */
  #put(path: string, body: () => void): void {
    host(() => {
      try {
        body();
      } catch (error) {
        const directory = posix.dirname(path);
        if ((error as { code?: string }).code !== "ENOENT" || this.#files.existsSync(directory))
          throw error;
        this.#files.mkdirSync(directory, { recursive: true });
        body();
      }
    });
  }
}

/**
 * Does something as what it is, work of the program that runs the shell. While a script runs, just-bash withholds what scripts
 * must not have (WeakRef, WebAssembly) from everything in its asynchronous context, and the store needs it.
 */
function host<T>(body: () => T): T {
  return OUTSIDE.runInAsyncScope(body);
}

function encodingOf(options: BashEncodingOptions | undefined): BashEncoding | null | undefined {
  return typeof options === "object" ? options.encoding : options;
}

function kindOf(file: OverlayDirent | OverlayStats | OverlayBigIntStats): Kind {
  return {
    isFile: file.isFile(),
    isDirectory: file.isDirectory(),
    isSymbolicLink: file.isSymbolicLink(),
  };
}

function told(stats: OverlayStats | OverlayBigIntStats | undefined): BashStat {
  const { mode, size, mtime, dev, ino } = stats as OverlayStats;
  return { ...kindOf(stats!), mode: mode & 0o7777, size, mtime, dev, ino };
}

/** To a shell it is a file: it knows of no devices. Inodes begin with 1. */
function nullStat(): BashStat {
  const kind = { isFile: true, isDirectory: false, isSymbolicLink: false };
  return { ...kind, mode: 0o666, size: 0, mtime: new Date(0), dev: 0, ino: 0 };
}
