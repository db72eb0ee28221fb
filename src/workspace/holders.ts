/**
 * Holders: which programs use a directory, so that it cannot be taken away. Where the system does
 * not tell (no /proc), there are none.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { CoppiceError } from "../model/error.js";

const SHOWN_MAX = 5;

/**
 * Refuses a directory that programs use.
 *
 * @param action what was to be done with it
 * @throws {CoppiceError} WORKSPACE_BUSY, naming them
 */
export function requireIdle(directory: string, action: string): void {
  if (holdersOf(directory).length > 0) throw busy(directory, action);
}

/** Returns the error of a directory that cannot be taken away, which names the programs that use it. */
export function busy(directory: string, action: string, cause?: unknown): CoppiceError {
  const found = holdersOf(directory);
  const shown = found.slice(0, SHOWN_MAX).map(describe);
  if (found.length > SHOWN_MAX) shown.push(`${found.length - SHOWN_MAX} more`);
  const who = shown.join(", ") || "a program that maps its files, or in another mount namespace";
  return new CoppiceError(
    "WORKSPACE_BUSY",
    `Cannot ${action} workspace ${directory}: it is in use by ${who}; end these first`,
    { cause, path: directory },
  );
}

/** Returns the processes that work in a directory or have files of it open. Costs a look at every process. */
function holdersOf(directory: string): string[] {
  return list("/proc").filter((pid) => {
    if (!/^[0-9]+$/.test(pid)) return false;
    const process = join("/proc", pid);
    const files = join(process, "fd");
    const links = ["cwd", "root", "exe"].map((each) => join(process, each));
    for (const fd of list(files)) links.push(join(files, fd));
    return links.some((link) => isWithin(target(link), directory));
  });
}

function describe(pid: string): string {
  try {
    return `${readFileSync(join("/proc", pid, "comm"), "utf8").trim()} (pid ${pid})`;
  } catch {
    return `pid ${pid}`; // It has ended meanwhile.
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** A process that has ended, or is another user's, has nothing to show. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
