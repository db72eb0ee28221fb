/** Describes the machine that a run was made on, without anything that names it. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/**
 * Returns what a reader needs to place the figures.
 * @param {string} directory the bench directory, whose file system is reported
 */
export function describeMachine(directory) {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(directory),
    node: process.version,
    load: (loadavg()[0] ?? 0).toFixed(2),
  };
}

/**
 * Returns kind and options of the file system that holds a directory, such as
 * `ext4 (rw,relatime)`.
 * @param {string} directory
 */
function fileSystemOf(directory) {
  let best = { mountPoint: "", text: "unknown" };
  let mounts;
  try {
    mounts = readFileSync("/proc/self/mounts", "utf8");
  } catch {
    // Only Linux has this file.
    return best.text;
  }
  for (const line of mounts.split("\n")) {
    const [, mountPoint = "", kind, options] = line.split(" ");
    const inside = `${directory}/`.startsWith(
      mountPoint.endsWith("/") ? mountPoint : `${mountPoint}/`,
    );
    // A later mount on the same point hides the earlier one.
    if (mountPoint === "" || !inside || mountPoint.length < best.mountPoint.length) continue;
    best = { mountPoint, text: `${kind} (${options})` };
  }
  return best.text;
}
