/**
 * Sync file: has what was written to a file be on stable storage, whoever wrote it.
 */
import type { Disk } from "./disk.js";

/** Returns once the bytes of a file are there; its name is its directory's. */
export function syncFile(disk: Disk, path: string): void {
  const file = disk.open(path, "read");
  try {
    file.sync();
  } finally {
    file.close();
  }
}
