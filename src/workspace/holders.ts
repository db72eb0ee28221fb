/**
 * Holders: which programs use a directory, so that it cannot be unmounted.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const SHOWN_MAX = 5;

/** Returns the programs that work in a directory or have files of it open, for people. Costs a look at every process. */
export function holdersOf(directory: string): string {
  const found: string[] = [];
  for (const pid of list("/proc").filter((name) => /^[0-9]+$/.test(name))) {
    const process = join("/proc", pid);
    const links = [
      join(process, "cwd"),
      join(process, "root"),
      join(process, "exe"),
      ...list(join(process, "fd")).map((fd) => join(process, "fd", fd)),
    ];
    if (links.some((link) => isWithin(target(link), directory))) found.push(describe(pid));
  }
  if (found.length === 0) return "a program that maps its files, or in another mount namespace";
  const more = found.length > SHOWN_MAX ? [`${found.length - SHOWN_MAX} more`] : [];
  return [...found.slice(0, SHOWN_MAX), ...more].join(", ");
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
