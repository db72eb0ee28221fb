/** Says how large a directory is, as du(1) counts it. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The unit of `st_blocks`, whatever the file system's block size: stat(2). */
const STAT_BLOCK_BYTES = 512;

/**
 * Returns the bytes below a directory, itself included: `apparent`, the sum of the sizes
 * (`du --apparent-size`), and `allocated`, the blocks taken on disk (`du`). A file with several
 * hard links counts once; what is mounted there does not count (`du --one-file-system`).
 * @param {string} root
 */
export function directoryUsage(root) {
  let apparent = 0;
  let allocated = 0;
  /** @type {Set<number>} */
  const seen = new Set();
  const pending = [root];
  const { dev } = lstatSync(root);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stat = lstatSync(path);
    if (stat.dev !== dev) continue;
    if (stat.isDirectory()) {
      for (const name of readdirSync(path)) pending.push(join(path, name));
    } else if (stat.nlink > 1) {
      if (seen.has(stat.ino)) continue;
      seen.add(stat.ino);
    }
    apparent += stat.size;
    allocated += stat.blocks * STAT_BLOCK_BYTES;
  }
  return { apparent, allocated };
}
