/**
 * Check store: whether a store is whole, safe and has room. Looks without opening it: what keeps a
 * store from being opened is what one wants to know.
 */
import { lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { formatBytes } from "../output/format-bytes.js";
import { formatMode } from "../output/format-mode.js";
import type { Check } from "./check.js";
import { inspectCatalog } from "./inspect-catalog.js";

/** What the group and others may do; a store holds the content of files whatever those files' modes. */
const OTHERS_MASK = 0o077;
/** Below this a capture of a usual project may fill the disk. */
const FREE_BYTES_MINIMUM = 1_000_000_000;

/** Returns what was found. Reads the whole catalog. */
export async function checkStore(directory: string): Promise<Check[]> {
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    return [{ name: "directory", status: "failed", message: "there is none", remedy: "make a store with coppice init" }];
  }
  return [...(await inspectCatalog(directory)), checkOwner(stat.uid), checkPermissions(directory), checkSpace(directory)];
}

function checkOwner(uid: number): Check {
  const user = process.geteuid?.() ?? uid;
  if (uid === user) return { name: "owner", status: "ok", message: `uid ${uid}, as this process` };
  return { name: "owner", status: "failed", message: `uid ${uid}, this process runs as ${user}`, remedy: `run as user ${uid}` };
}

function checkPermissions(directory: string): Check {
  const open = [...pathsOf(directory)].filter((path) => (lstatSync(path).mode & OTHERS_MASK) !== 0);
  const [first] = open;
  if (first === undefined) return { name: "permissions", status: "ok", message: "for its owner alone" };
  const { mode } = lstatSync(first);
  const kind = lstatSync(first).isDirectory() ? "directory" : "file";
  return {
    name: "permissions",
    status: "warning",
    message: `others may use ${relative(directory, first) || "the directory"} (${formatMode(kind, mode & 0o7777)})${open.length > 1 ? ` and ${open.length - 1} more` : ""}`,
    remedy: `chmod -R go= ${directory}`,
  };
}

/** Yields the directory, its folders and what is in them: the store has no deeper ones. */
function* pathsOf(directory: string): Generator<string> {
  yield directory;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    yield path;
    if (entry.isDirectory()) for (const name of readdirSync(path)) yield join(path, name);
  }
}

function checkSpace(directory: string): Check {
  const { bavail, bsize, blocks } = statfsSync(directory);
  const free = bavail * bsize;
  const message = `${formatBytes(free)} free of ${formatBytes(blocks * bsize)}`;
  if (free >= FREE_BYTES_MINIMUM) return { name: "space", status: "ok", message };
  return { name: "space", status: "warning", message, remedy: "free space or move the store" };
}
