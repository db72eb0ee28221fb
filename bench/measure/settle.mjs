/** Brings disk and page cache into the same state before each measurement. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/**
 * Writes back what earlier runs left dirty, so that nobody pays for another's writes, and for a
 * cold run drops the page cache with its directory entries and inodes (proc_sys_vm(5)).
 * @param {string} directory any directory of the file system concerned
 * @param {boolean} cold needs root
 */
export function settle(directory, cold) {
  const { status } = spawnSync("sync", ["--file-system", directory], { stdio: "ignore" });
  if (status !== 0) spawnSync("sync", { stdio: "ignore" });
  if (cold) writeFileSync("/proc/sys/vm/drop_caches", "3");
}
