/**
 * Image devices: which packs an image that exists points into, so that it can be mounted by who did not write it.
 */
import type { Disk } from "../disk/disk.js";
import { CoppiceError } from "../model/error.js";
import { deviceTable, deviceTags, SUPERBLOCK_END } from "./superblock-codec.js";

/**
 * Returns the names of an image's packs, in the order in which they are to be given as devices. Costs two reads.
 *
 * @throws {CoppiceError} CORRUPT where the file is no image
 */
export function imageDevices(disk: Disk, path: string): readonly string[] {
  const file = disk.open(path, "read");
  try {
    const start = Buffer.alloc(SUPERBLOCK_END);
    const table = file.read(start, 0) < start.length ? undefined : deviceTable(start);
    if (table === undefined)
      throw new CoppiceError("CORRUPT", `Cannot read image ${path}: it does not start as one`, {
        path,
      });
    const bytes = Buffer.alloc(table.lengthBytes);
    file.read(bytes, table.at);
    return deviceTags(bytes);
  } finally {
    file.close();
  }
}
