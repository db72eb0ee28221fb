/**
 * Directories: listing and removing what is in an open one, following no link.
 */
import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, open, readdir, readlink, rmdir, unlink } from "node:fs/promises";
import { basename } from "node:path";
import type { SandboxEntry } from "./sandbox-files.js";

const AS_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Returns what an entry is told as. */
export async function entryOf(
  path: string,
  at: string | Buffer,
  stats: Stats,
): Promise<SandboxEntry> {
  const target = stats.isSymbolicLink() ? await unlessGone(() => readlink(at, "utf8")) : undefined;
  return {
    path,
    name: basename(path),
    kind: stats.isFile()
      ? "file"
      : stats.isDirectory()
        ? "directory"
        : stats.isSymbolicLink()
          ? "symlink"
          : "other",
    sizeBytes: stats.isFile() ? stats.size : 0,
    mode: stats.mode & 0o7777,
    modifiedAt: stats.mtime,
    ...(target !== undefined && { target }),
  };
}

/**
 * Returns what is in a directory.
 *
 * @param at its path for node:fs, which stays the same directory
 * @param path as it is told
 */
export async function listDirectory(
  at: string,
  path: string,
  isRecursive: boolean,
): Promise<SandboxEntry[]> {
  const found: SandboxEntry[] = [];
  for (const name of await readdir(at, "buffer")) {
    const child = childOf(at, name);
    const stats = await unlessGone(() => lstat(child));
    if (stats === undefined) continue;
    const childPath = `${path === "/" ? "" : path}/${name.toString()}`;
    found.push(await entryOf(childPath, child, stats));
    if (!isRecursive || !stats.isDirectory()) continue;
    const below = await inDirectory(child, (each) => listDirectory(each, childPath, true));
    found.push(...(below ?? []));
  }
  return found;
}

/** Removes a name with everything below it; what comes meanwhile as well, or it fails with ENOTEMPTY. */
export async function removeTree(path: string | Buffer): Promise<void> {
  try {
    await unlink(path);
    return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    // EPERM is what POSIX has for a directory.
    if (code !== "EISDIR" && code !== "EPERM") throw error;
  }
  await inDirectory(path, async (at) => {
    for (const name of await readdir(at, "buffer")) await removeTree(childOf(at, name));
  });
  await unlessGone(() => rmdir(path));
}

/** Opens a directory without following a link, so that what is done in it is done there. */
async function inDirectory<T>(
  path: string | Buffer,
  work: (at: string) => Promise<T>,
): Promise<T | undefined> {
  const handle: FileHandle | undefined = await unlessGone(() => open(path, AS_DIRECTORY));
  if (handle === undefined) return undefined;
  try {
    return await work(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}

/** Names are bytes. */
function childOf(directory: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), name]);
}

/** Programs remove and replace what they like meanwhile. */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP", "EINVAL"].includes(code ?? "")) return undefined;
    throw error;
  }
}
