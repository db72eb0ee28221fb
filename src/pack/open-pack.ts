/**
 * Open pack: a pack that exists, after a look at its header. A file under another pack's name is told
 * before a byte of it is used or cut off.
 */
import type { Disk, DiskFile } from "../disk/disk.js";
import { CoppiceError } from "../model/error.js";
import { explainSystemError } from "../model/system-failure.js";
import type { PackIdentity } from "./pack-codec.js";
import { checkPackHeader, PACK_HEADER_BYTES, packPath } from "./pack-codec.js";

/**
 * Returns the open file of a pack. Costs an open and one read.
 *
 * @throws {CoppiceError} CORRUPT where it is missing, damaged or another pack; STORE_TOO_NEW
 */
export function openPack(disk: Disk, identity: PackIdentity, mode: "read" | "write"): DiskFile {
  const path = packPath(identity.name);
  let file: DiskFile;
  try {
    file = disk.open(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw explainSystemError(error, `open pack ${identity.name}`);
    }
    throw new CoppiceError(
      "CORRUPT",
      `Cannot open pack ${identity.name}: ${(error as Error).message}, restore it from a copy of the store`,
      { cause: error, path },
    );
  }
  try {
    const header = Buffer.alloc(PACK_HEADER_BYTES);
    checkPackHeader(header.subarray(0, file.read(header, 0)), identity);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
