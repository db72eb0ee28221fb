/** Takes away everything that is mounted below a directory, whoever mounted it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** How many directories one umount(8) is given. */
const BATCH_COUNT = 100;

/**
 * Unmounts what is mounted below a directory, the latest mount first. What is still in use goes out of sight,
 * and ends with its use; loop devices were made to end with their mount.
 * @param {string} directory
 * @throws {Error} when something stays mounted
 */
export function unmountBelow(directory) {
  const mounted = mountsBelow(directory).reverse();
  for (let start = 0; start < mounted.length; start += BATCH_COUNT) {
    const batch = mounted.slice(start, start + BATCH_COUNT);
    const { status } = spawnSync("umount", batch, { stdio: "ignore" });
    if (status !== 0) spawnSync("umount", ["--lazy", ...batch], { stdio: "ignore" });
  }
  const [left] = mountsBelow(directory);
  if (left !== undefined) throw new Error(`Cannot unmount ${left}: unmount it by hand`);
}

/** @param {string} directory */
function mountsBelow(directory) {
  let mounts;
  try {
    mounts = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    // Only Linux has this file, and only there something is mounted.
    return [];
  }
  return mounts
    .split("\n")
    .map((line) => unescapePath(line.split(" ")[4] ?? ""))
    .filter((path) => path.startsWith(`${directory}/`));
}

/**
 * Returns a path as it is: mountinfo has space, tab, line feed and backslash as octal numbers, proc(5).
 * @param {string} text
 */
function unescapePath(text) {
  return text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
