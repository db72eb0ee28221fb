// Makes calls of node:fs/promises that are given as data, and tells what came of them as data: the same for an overlay
// and for a real file system, so that both can be compared.
import { createHash } from "node:crypto";
import { pathsFrom, whyCopyDiffers } from "./copy-differs.mjs";

/** Times before this one were set by somebody; later ones are those of the clock, and are not compared. */
const SET_BEFORE_MS = 1.6e12;

export class FileCalls {
  #files;
  #open = new Map();

  constructor(files) {
    this.#files = files;
  }

  /** Makes one call: its name, then its parameters. */
  async call([name, ...parameters]) {
    try {
      return { value: await this.#made(name, parameters) };
    } catch (error) {
      return { error: told(error) };
    }
  }

  /** Closes what is open. */
  async close() {
    for (const handle of this.#open.values()) await handle.close();
    this.#open.clear();
  }

  async #made(name, parameters) {
    const files = this.#files;
    switch (name) {
      case "open": {
        const [slot, ...rest] = parameters;
        const handle = await files.open(...rest);
        await this.#open.get(slot)?.close();
        this.#open.set(slot, handle);
        return "opened";
      }
      case "handle":
        return this.#onOpen(parameters);
      case "exists":
        return files.access(parameters[0]).then(
          () => true,
          () => false,
        );
      case "opendir":
        return listed(await everyOf(await files.opendir(...parameters)));
      case "readdir":
        return this.#list(...parameters);
      case "mkdtemp": {
        const made = await files.mkdtemp(...parameters);
        const { mode } = await files.lstat(made);
        await files.rmdir(made);
        return [made.slice(0, -6), /^[A-Za-z0-9]{6}$/.test(made.slice(-6)), mode];
      }
      case "everything":
        return this.#everything();
      case "setTimes":
        return this.#setTimes(parameters[0]);
      case "copyFile": {
        // Node.js finds out late that a directory cannot be copied, and removes what was there already. An overlay does not.
        const source = await files.stat(parameters[0]).catch(() => undefined);
        if (source?.isDirectory()) return "a directory";
        return files.copyFile(...parameters);
      }
      case "cp":
        return (await whyCopyDiffers(files, ...parameters)) ?? files.cp(...parameters);
      case "rm": {
        const [path, { recursive }] = parameters;
        // Node.js goes back through a directory that it may have removed, and then misses those it had not come to.
        if (recursive && /\.\.\/*$/.test(path)) return "the directory above";
        // Node.js says that it is done, and does nothing. An overlay refuses, as rmSync does.
        const link = await files.lstat(path.replace(/\/+$/, "")).catch(() => undefined);
        if (path.endsWith("/") && link?.isSymbolicLink()) return "a link with a slash";
        return files.rm(...parameters);
      }
      default:
        return plain(await files[name](...parameters));
    }
  }

  async #list(path, options) {
    if (options.recursive === true && options.withFileTypes !== true) {
      // Node.js goes on behind symbolic links here, without end where they lead upwards; an overlay never does.
      const entries = await this.#files.readdir(path, { recursive: true, withFileTypes: true });
      if (entries.some((entry) => entry.isSymbolicLink())) return "there are links";
    }
    return listed(await this.#files.readdir(path, options));
  }

  async #onOpen([slot, name, ...parameters]) {
    const handle = this.#open.get(slot);
    if (handle === undefined) return "not open";
    switch (name) {
      case "close":
        this.#open.delete(slot);
        return handle.close();
      case "read": {
        const [length, position] = parameters;
        const target = Buffer.alloc(length, "-");
        const { bytesRead } = await handle.read(target, 0, length, position);
        return [bytesRead, plain(target)];
      }
      case "write":
      case "writev":
        return (await handle[name](...parameters)).bytesWritten;
      default:
        return plain(await handle[name](...parameters));
    }
  }

  /** Returns all there is, by its path, with the paths that are one file. */
  async #everything() {
    const found = [];
    const names = new Map();
    for (const path of await pathsFrom(this.#files, "/")) {
      const stats = await this.#files.lstat(path, { bigint: true });
      const key = String(stats.ino);
      if (!stats.isDirectory()) names.set(key, [...(names.get(key) ?? []), path]);
      const content = stats.isFile()
        ? await this.#files.readFile(path)
        : stats.isSymbolicLink()
          ? await this.#files.readlink(path, "buffer")
          : undefined;
      found.push([path.toString("latin1"), plain(stats), content && plain(content)]);
    }
    const groups = [...names.values()].filter((paths) => paths.length > 1);
    return { found, groups: groups.map((paths) => paths.map((path) => path.toString("latin1"))) };
  }

  /** Gives everything the same time. */
  async #setTimes(seconds) {
    for (const path of (await pathsFrom(this.#files, "/")).reverse())
      await this.#files.lutimes(path, 0, seconds);
  }
}

async function everyOf(directory) {
  const entries = [];
  for await (const entry of directory) entries.push(entry);
  return entries;
}

function listed(entries) {
  return entries
    .map((entry) =>
      typeof entry === "string" || Buffer.isBuffer(entry)
        ? entry.toString("latin1")
        : [entry.parentPath, entry.name.toString("latin1"), kindOf(entry)].join(" "),
    )
    .sort();
}

function plain(value) {
  if (Buffer.isBuffer(value)) {
    if (value.length <= 64) return value.toString("latin1");
    return `${value.length} bytes, ${createHash("sha1").update(value).digest("hex")}`;
  }
  if (typeof value !== "object" || value === null || !("nlink" in value)) return value;
  const { mode, nlink, uid, gid, size, mtimeMs, mtimeNs } = value;
  const kind = kindOf(value);
  // How many links and bytes a directory has is told by each file system in its own way.
  const counts = kind === "directory" ? {} : { nlink, size };
  const time = mtimeMs < SET_BEFORE_MS ? { mtimeMs, mtimeNs } : {};
  return { kind, mode, uid, gid, ...counts, ...time };
}

function kindOf(entry) {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}

function told(error) {
  const { name, code, errno, syscall, path, dest, message } = error;
  if (code === undefined) return { name, message };
  // What Node.js refuses itself it words in its own way; the codes are what programs go by.
  if (code.startsWith("ERR_")) return { code };
  if (syscall !== "mkdtemp") return { code, errno, syscall, path, dest, message };
  return { code, errno, syscall, path: path.slice(0, -6), message: message.slice(0, -7) };
}
