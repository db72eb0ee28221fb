/**
 * Mount point: whether something is mounted on a directory.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";

/** Whether a directory is the root of a mount. One that is not there is none. Costs two system calls. */
export function isMountPoint(directory: string): boolean {
  const own = lstatSync(directory, { throwIfNoEntry: false });
  return own !== undefined && own.dev !== lstatSync(join(directory, "..")).dev;
}
