/**
 * Check store: whether a store is whole, safe and has room. Looks without opening it: what keeps a
 * store from being opened is what one wants to know.
 */
import { lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { formatBytes } from "../output/format-bytes.js";
import { formatMode } from "../output/format-mode.js";
import { attempt, type Check } from "./check.js";
import {
  checkCatalog,
  checkFormat,
  checkLedger,
  checkLosses,
  checkUnfinished,
} from "./check-catalog.js";

/** What the group and others may do; a store holds the content of files whatever those files' modes. */
const OTHERS_MASK = 0o077;
/** So many paths are named. */
const SHOWN_MAX = 5;
/** Below this a capture of a usual project may fill the disk. */
const FREE_BYTES_MINIMUM = 1_000_000_000;

/** Returns what was found; of what is no store, only that. Reads the whole catalog. */
export function checkStore(directory: string): Check[] {
  const format = attempt("format", () => checkFormat(directory), "check the path");
  if (format.status === "failed") return [format];
  return [
    format,
    attempt("owner", () => checkOwner(directory), "check the path"),
    attempt("permissions", () => checkPermissions(directory), "run as its owner"),
    attempt("space", () => checkSpace(directory), "check the file system"),
    attempt(
      "catalog",
      () => checkCatalog(directory),
      "keep the packs: they hold all that snapshots do",
    ),
    attempt("ledger", () => checkLedger(directory), "put it back from a copy"),
    attempt("losses", () => checkLosses(directory), "see the check of the catalog"),
    attempt("unfinished", () => checkUnfinished(directory), "see the check of the catalog"),
  ];
}

function checkOwner(directory: string): Check {
  const name = "owner";
  const { uid } = statSync(directory);
  const user = process.geteuid?.() ?? uid;
  if (uid === user) return { name, status: "ok", message: `uid ${uid}, as this process` };
  const message = `uid ${uid}, and this process runs as ${user}`;
  return { name, status: "failed", message, remedy: `run as user ${uid}` };
}

function checkPermissions(directory: string): Check {
  const name = "permissions";
  const open = [...pathsOf(directory)].flatMap((path) => {
    // A file may go while the store is in use.
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat === undefined || (stat.mode & OTHERS_MASK) === 0 ? [] : [{ path, stat }];
  });
  const [first] = open;
  if (first === undefined) return { name, status: "ok", message: "for its owner alone" };
  const mode = formatMode(
    first.stat.isDirectory() ? "directory" : "file",
    first.stat.mode & 0o7777,
  );
  const rest = open.length > 1 ? ` and ${open.length - 1} more` : "";
  return {
    name,
    status: "warning",
    message: `others may use ${relative(directory, first.path) || "the directory"} (${mode})${rest}`,
    remedy: remedyFor(
      directory,
      open.map(({ path }) => path),
    ),
  };
}

/** What is below these has the modes that captured files have. */
const SHOWS_FILES = ["checkouts", "mounts", "trash", "workspaces"];

/** Yields the directory, its folders and what is in them. */
function* pathsOf(directory: string): Generator<string> {
  yield directory;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    yield path;
    if (!entry.isDirectory() || SHOWS_FILES.includes(entry.name)) continue;
    for (const name of readdirSync(path)) yield join(path, name);
  }
}

function checkSpace(directory: string): Check {
  const name = "space";
  const { bavail, bsize, blocks } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  const message = `${formatBytes(freeBytes)} free of ${formatBytes(blocks * bsize)}`;
  if (freeBytes >= FREE_BYTES_MINIMUM) return { name, status: "ok", message };
  return { name, status: "warning", message, remedy: "free space or move the store" };
}

/** Where files are shown, their modes are those of snapshots and workspaces, and stay. */
function remedyFor(directory: string, open: readonly string[]): string {
  const showsFiles = readdirSync(directory).some((name) => SHOWS_FILES.includes(name));
  if (!showsFiles) return `chmod -R go= ${quoted(directory)}`;
  // Nobody gets past a directory that is closed.
  const paths = open.includes(directory) ? [directory] : open.slice(0, SHOWN_MAX);
  return `chmod go= ${paths.map(quoted).join(" ")}`;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
