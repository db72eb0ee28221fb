/**
 * Probe clone: whether files in a directory can share blocks with the store's, found by trying it.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CLONE_BLOCK_BYTES } from "../../restore/extent-cloner.js";
import { systemCalls } from "../../system/system-calls.js";
import { PASSING } from "../driver.js";

/**
 * Returns why a directory's files cannot share blocks with the store's, with the remedy, or `undefined` where they can.
 * Costs two small files that are removed again.
 */
export function cloneProblem(store: string, directory: string): string | undefined {
  const calls = systemCalls();
  if ("unavailable" in calls) return calls.unavailable;
  const name = `.coppice-probe-${randomBytes(8).toString("hex")}`;
  const paths = [join(store, `${name}-from`), join(directory, `${name}-to`)] as const;
  const opened: number[] = [];
  try {
    for (const path of paths) opened.push(openSync(path, "wx+", 0o600));
    const [from, to] = opened as [number, number];
    writeSync(from, Buffer.alloc(2 * CLONE_BLOCK_BYTES, 1));
    calls.cloneRange(from, CLONE_BLOCK_BYTES, CLONE_BLOCK_BYTES, to, 0);
    return undefined;
  } catch (error) {
    return explain(error as NodeJS.ErrnoException, store, directory);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
    for (const path of paths.slice(0, opened.length)) rmSync(path, { force: true });
  }
}

function explain(error: NodeJS.ErrnoException, store: string, directory: string): string {
  switch (error.code) {
    case "EXDEV":
      return `${directory} is on another file system than the store ${store}, put them on the same one`;
    case "ENOTSUP":
    case "EOPNOTSUPP":
    case "ENOTTY":
    case "EINVAL":
      return `the file system of ${directory} does not share blocks between files in units of ${CLONE_BLOCK_BYTES} bytes, put store and workspaces on XFS, btrfs or bcachefs`;
    default:
      if (PASSING.has(error.code ?? "")) throw error;
      return `sharing blocks failed (${error.message})`;
  }
}
