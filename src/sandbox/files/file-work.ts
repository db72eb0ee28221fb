/**
 * File work: what the calls of `SandboxFiles` do.
 */
import { createReadStream } from "node:fs";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { CoppiceError } from "../../model/error.js";
import { newId } from "../../model/new-id.js";
import { explainSystemError } from "../../model/system-failure.js";
import type { SandboxEventKind } from "../sandbox-events.js";
import { entryOf, listDirectory, removeTree } from "./directories.js";
import type { Place } from "./resolve-path.js";
import { atPath, missing } from "./resolve-path.js";
import type { SandboxData, SandboxEntry } from "./sandbox-files.js";

/** What work on a sandbox's files needs. */
export interface FileWorkParts {
  /** The sandbox's directory. */
  readonly root: string;
  /** Notes what was done. */
  note(kind: SandboxEventKind, data: Readonly<Record<string, unknown>>): void;
  /** Has the next snapshot wait for a change. */
  during<T>(change: Promise<T>): Promise<T>;
}

/** What new files get. */
const MODE = 0o644;

export class FileWork {
  readonly #parts: FileWorkParts;

  constructor(parts: FileWorkParts) {
    this.#parts = parts;
  }

  list(path: string, isRecursive: boolean): Promise<SandboxEntry[]> {
    return this.#at("list", path, async (place) => {
      const stats = place.stats;
      if (stats === undefined) throw missing(path);
      if (!stats.isDirectory()) return [await entryOf(shown(path), place.path, stats)];
      const found = await listDirectory(place.opened!, shown(path), isRecursive);
      return found.sort((a, b) => (a.path < b.path ? -1 : 1));
    });
  }

  stat(path: string, follow: boolean): Promise<SandboxEntry> {
    return this.#at(
      "look at",
      path,
      (place) => {
        if (place.stats === undefined) throw missing(path);
        return entryOf(shown(path), place.path, place.stats);
      },
      follow,
    );
  }

  async exists(path: string): Promise<boolean> {
    try {
      return await this.#at("look at", path, ({ stats }) => stats !== undefined);
    } catch (error) {
      const { code } = error as CoppiceError;
      if (code === "NOT_FOUND" || code === "NOT_A_DIRECTORY") return false;
      throw error;
    }
  }

  read(path: string): Promise<Buffer> {
    return this.#at("read", path, async (place) => {
      const handle = await open(fileAt(path, place));
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  readStream(path: string): Promise<Readable> {
    return this.#at("read", path, async (place) => {
      const handle = await open(fileAt(path, place));
      return createReadStream("", { fd: handle });
    });
  }

  async write(path: string, data: SandboxData, mode: number | undefined): Promise<void> {
    if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o7777))
      throw new RangeError(`Cannot use mode ${mode}: give permission bits from 0 to 0o7777`);
    const sizeBytes = await this.#replace(path, data, mode);
    this.#parts.note("file-written", { path: shown(path), sizeBytes });
  }

  async upload(localPath: string, path: string): Promise<void> {
    const source = await told("read", localPath, async () => open(localPath));
    try {
      const { mode } = await source.stat();
      const data = source.createReadStream({ autoClose: false });
      const sizeBytes = await this.#replace(path, data, mode & 0o777);
      this.#parts.note("uploaded", { path: shown(path), sizeBytes });
    } finally {
      await source.close();
    }
  }

  async download(path: string, localPath: string): Promise<void> {
    const sizeBytes = await this.#at("download", path, async (place) => {
      const handle = await open(fileAt(path, place));
      try {
        const mode = (place.stats?.mode ?? MODE) & 0o777;
        const data = handle.createReadStream({ autoClose: false });
        return await told("write", localPath, () =>
          writeBeside(dirname(localPath), localPath, data, { mode }),
        );
      } finally {
        await handle.close();
      }
    });
    this.#parts.note("downloaded", { path: shown(path), sizeBytes });
  }

  async remove(path: string): Promise<void> {
    await this.#changing("remove", path, async (place) => {
      if (place.name === undefined) throw refused(path, "it is the root");
      if (place.stats === undefined) throw missing(path);
      await removeTree(place.path);
    });
    this.#parts.note("file-removed", { path: shown(path) });
  }

  async mkdir(path: string): Promise<void> {
    const parts = shown(path).split("/").filter(Boolean);
    let made = false;
    for (let count = 1; count <= parts.length; count++) {
      const part = `/${parts.slice(0, count).join("/")}`;
      await this.#changing(
        "make directory",
        part,
        async (place) => {
          if (place.stats?.isDirectory() === true) return;
          if (place.stats !== undefined)
            throw new CoppiceError(
              "NOT_A_DIRECTORY",
              `Cannot make directory ${path}: ${part} is something else`,
              { path: part },
            );
          await mkdir(place.path);
          made = true;
        },
        true,
      );
    }
    if (made) this.#parts.note("directory-made", { path: shown(path) });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#changing("rename", from, async (source) => {
      if (source.name === undefined) throw refused(from, "it is the root");
      if (source.stats === undefined) throw missing(from);
      await this.#changing("rename to", to, async (target) => {
        if (target.name === undefined) throw refused(to, "it is the root");
        await rename(source.path, target.path);
      });
    });
    this.#parts.note("file-renamed", { path: shown(from), to: shown(to) });
  }

  /** Returns how many bytes were written. */
  #replace(path: string, data: SandboxData, mode: number | undefined): Promise<number> {
    return this.#changing(
      "write",
      path,
      async (place) => {
        const { stats } = place;
        if (place.name === undefined || (stats !== undefined && !stats.isFile()))
          throw refused(path, "something else than a file stands there");
        const owner = stats === undefined || process.geteuid?.() !== 0 ? {} : { owner: stats };
        return writeBeside(place.directory, place.path, data, {
          mode: mode ?? (stats === undefined ? MODE : stats.mode & 0o7777),
          ...owner,
        });
      },
      true,
    );
  }

  #changing<T>(
    action: string,
    path: string,
    work: (place: Place) => Promise<T>,
    follow = false,
  ): Promise<T> {
    return this.#parts.during(this.#at(action, path, work, follow));
  }

  #at<T>(
    action: string,
    path: string,
    work: (place: Place) => T | Promise<T>,
    follow = true,
  ): Promise<T> {
    return told(action, path, () => atPath(this.#parts.root, path, work, { follow }));
  }
}

/** How a file is made. */
interface Making {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Writes a file under another name in its directory, and gives it its own then. */
async function writeBeside(
  directory: string,
  path: string,
  data: SandboxData,
  { mode, owner }: Making,
): Promise<number> {
  const temporary = join(directory, `.coppice-${newId()}.tmp`);
  // For its owner alone until it is whole, and never what a link of that name leads to.
  const handle = await open(temporary, "wx", 0o600);
  try {
    let sizeBytes = 0;
    try {
      for await (const piece of piecesOf(data)) {
        const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
        await handle.writeFile(bytes);
        sizeBytes += bytes.length;
      }
      if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
      await handle.chmod(mode);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    return sizeBytes;
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

function piecesOf(
  data: SandboxData,
): AsyncIterable<string | Uint8Array> | readonly (string | Uint8Array)[] {
  if (typeof data === "string" || data instanceof Uint8Array) return [data];
  if (typeof data?.[Symbol.asyncIterator] === "function") return data;
  throw new TypeError("Cannot write: give text, bytes or a stream of them");
}

/** Returns where a file is opened by what it is; a device or a pipe is not. */
function fileAt(path: string, { stats, opened }: Place): string {
  if (stats === undefined || opened === undefined) throw missing(path);
  if (!stats.isFile()) throw refused(path, "it is no file");
  return opened;
}

function refused(path: string, state: string): CoppiceError {
  return new CoppiceError("INVALID_ARGUMENT", `Cannot use ${path}: ${state}, give another path`, {
    path,
  });
}

/** Returns a path as it is told: from the root on. */
function shown(path: string): string {
  return join("/", path).replace(/(?<=.)\/$/, "");
}

/** Has errors tell the path that was given, not those of /proc. */
async function told<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall, message } = error as Partial<NodeJS.ErrnoException>;
    if (error instanceof CoppiceError || code === undefined || syscall === undefined) throw error;
    const plain = Object.assign(new Error((message ?? code).split(", ")[0], { cause: error }), {
      code,
      syscall,
      path,
    });
    throw explainSystemError(plain, `${action} ${path}`);
  }
}
