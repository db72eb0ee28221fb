/**
 * Check machine: what Coppice can do here, found by trying it.
 */
import { existsSync } from "node:fs";
import { systemCalls } from "../../system/system-calls.js";
import type { Check } from "./check.js";

/** The oldest Node.js that is supported, as in package.json. */
const NODE_MINIMUM = [20, 19] as const;

/** Returns what was found, in the order in which it matters. */
export async function checkMachine(): Promise<Check[]> {
  return [checkNode(), await checkSqlite(), checkSystemCalls(), checkDescriptorPaths(), checkUser()];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const message = `${process.version}, ${process.platform} ${process.arch}`;
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) {
    return { name: "Node.js", status: "ok", message };
  }
  return { name: "Node.js", status: "failed", message, remedy: `install ${NODE_MINIMUM.join(".")} or later` };
}

/** Tries to load it: its native part may be missing, or built for another Node.js. */
async function checkSqlite(): Promise<Check> {
  try {
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(":memory:");
    const version = database.prepare("SELECT sqlite_version()").pluck().get();
    database.close();
    return { name: "SQLite", status: "ok", message: String(version) };
  } catch (error) {
    return {
      name: "SQLite",
      status: "failed",
      message: firstLine(error),
      remedy: "let npm run the install script of better-sqlite3: npm rebuild better-sqlite3",
    };
  }
}

function checkSystemCalls(): Check {
  const calls = systemCalls();
  if (!("unavailable" in calls)) return { name: "koffi", status: "ok", message: "system calls beyond node:fs work" };
  return {
    name: "koffi",
    status: "warning",
    message: `extended attributes, ACLs, holes and exact times are lost: ${calls.unavailable}`,
  };
}

function checkDescriptorPaths(): Check {
  if (existsSync("/proc/self/fd")) return { name: "/proc", status: "ok", message: "/proc/self/fd is there" };
  return {
    name: "/proc",
    status: "warning",
    message: "/proc/self/fd is missing: a directory that is replaced while it is read may be mistaken for another",
    remedy: "mount /proc",
  };
}

function checkUser(): Check {
  const uid = process.geteuid?.();
  if (uid === 0) return { name: "user", status: "ok", message: "root: owners and devices are restored" };
  return {
    name: "user",
    status: "warning",
    message: `uid ${uid ?? "unknown"}: owners and devices are not restored, files of others may be unreadable`,
    remedy: "run as root where that matters",
  };
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split("\n", 1)[0] ?? "";
}
