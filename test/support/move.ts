/** Move: renames as mv(1) does. */
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";

/**
 * Renames a file or directory. overlayfs notes of a directory where it was below, in 256 bytes at most; where the path
 * is longer it refuses (EXDEV), and whoever renames copies.
 */
export function move(from: Buffer | string, to: Buffer | string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    const zero = Buffer.alloc(1);
    const input = Buffer.concat([Buffer.from(from), zero, Buffer.from(to), zero]);
    execFileSync("xargs", ["--null", "mv", "--no-target-directory", "--"], { input });
  }
}
