/**
 * Check machine: what Coppice can do here, found by trying it.
 */
import { existsSync } from "node:fs";
import { openSqlite, SQLITE_PACKAGE } from "../../database/sqlite.js";
import { systemCalls } from "../../system/system-calls.js";
import { attempt, type Check } from "./check.js";

/** The oldest Node.js that is supported, as in package.json. */
const NODE_MINIMUM = [20, 19] as const;

/** Returns what was found, in the order in which it matters. */
export function checkMachine(): Check[] {
  return [
    checkNode(),
    attempt("SQLite", checkSqlite, 'see README, "In a program"'),
    checkSystemCalls(),
    checkDescriptorPaths(),
    checkUser(),
  ];
}

function checkNode(): Check {
  const name = "Node.js";
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const message = `${process.version}, ${process.platform} ${process.arch}`;
  const [majorMinimum, minorMinimum] = NODE_MINIMUM;
  if (major > majorMinimum || (major === majorMinimum && minor >= minorMinimum)) {
    return { name, status: "ok", message };
  }
  return {
    name,
    status: "failed",
    message,
    remedy: `install Node.js ${NODE_MINIMUM.join(".")} or later`,
  };
}

/** Loads it: its native part may be missing, or built for another Node.js. */
function checkSqlite(): Check {
  const database = openSqlite(":memory:");
  const version = String(database.prepare("SELECT sqlite_version()").pluck().get());
  database.close();
  return { name: "SQLite", status: "ok", message: `${version} (${SQLITE_PACKAGE})` };
}

function checkSystemCalls(): Check {
  const name = "koffi";
  const calls = systemCalls();
  if (!("unavailable" in calls)) {
    return { name, status: "ok", message: "system calls beyond node:fs work" };
  }
  const lost = "extended attributes, ACLs, holes and nanoseconds are lost";
  return { name, status: "warning", message: `${lost}: ${calls.unavailable}` };
}

function checkDescriptorPaths(): Check {
  const name = "/proc";
  if (existsSync("/proc/self/fd")) return { name, status: "ok", message: "/proc/self/fd is there" };
  return {
    name,
    status: "warning",
    message: "/proc/self/fd is missing: a directory that is moved meanwhile may be mistaken",
    remedy: "mount /proc",
  };
}

function checkUser(): Check {
  const name = "user";
  const uid = process.geteuid?.();
  if (uid === 0) {
    return { name, status: "ok", message: "root: owners and devices are restored" };
  }
  return {
    name,
    status: "warning",
    message: `uid ${uid ?? "unknown"}: owners and devices are not restored`,
    remedy: "run as root where that matters",
  };
}
