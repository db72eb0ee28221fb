/**
 * Prepare shared memory: makes the file through which processes that have the catalog open share memory (`-shm`), where
 * SQLite's own would be a danger.
 *
 * SQLite maps that file. On btrfs each first store to a page of it needs a new block: where the disk is full, there is
 * none, and the kernel ends the process (SIGBUS). A file that is written in place has its blocks.
 */

import { closeSync, fchmodSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { OWN_FILE_MODE } from "../disk/own-files.js";
import { systemCalls } from "../system/system-calls.js";

/** `f_type` of btrfs (statfs(2)). */
const BTRFS = 0x9123_683e;

/**
 * Makes the file where it is not there yet. To be called before SQLite opens the catalog.
 *
 * @param file the catalog's
 */
export function prepareSharedMemory(file: string): void {
  if (statfsSync(dirname(file)).type !== BTRFS) return;
  const calls = systemCalls();
  if ("unavailable" in calls) return;
  let descriptor: number;
  try {
    // Only a new file, which is nobody's yet: to close one that is there would end this process's locks on it (fcntl(2)).
    descriptor = openSync(`${file}-shm`, "wx", OWN_FILE_MODE);
  } catch {
    return; // It is there, or cannot be made: SQLite tells which.
  }
  try {
    fchmodSync(descriptor, OWN_FILE_MODE);
    calls.writeInPlace(descriptor);
  } catch {
    // SQLite uses it as it would its own.
  } finally {
    closeSync(descriptor);
  }
}
