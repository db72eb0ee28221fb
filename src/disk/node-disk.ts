/**
 * The real disk: node:fs below one directory, files for the owner alone.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { bootId } from "../system/boot-id.js";
import { systemCalls } from "../system/system-calls.js";
import type { Disk, DiskFile } from "./disk.js";
import { makeOwnDirectory, OWN_FILE_MODE } from "./own-files.js";

/** Writes of this size are worth an early start of writeback. */
const WRITEBACK_BYTES_MIN = 1024 * 1024;

const FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const;

/** Returns the disk below a directory. */
export function nodeDisk(root: string): Disk {
  return {
    bootId: bootId(),
    open: (path, mode) => nodeDiskFile(openOwn(join(root, path), mode)),
    syncDirectory(path) {
      const descriptor = openSync(join(root, path), constants.O_RDONLY);
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
    replace(path, pieces) {
      // Random, since a dead process may have left one, and in a container its number is soon given again.
      const temporary = join(root, `${path}.${randomBytes(8).toString("hex")}.tmp`);
      const descriptor = openOwn(temporary, "create");
      try {
        try {
          let position = 0;
          for (const piece of pieces) {
            writeAll(descriptor, piece, position);
            position += piece.length;
          }
        } finally {
          closeSync(descriptor);
        }
        renameSync(temporary, join(root, path));
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    },
    rename: (from, to) => renameSync(join(root, from), join(root, to)),
    stampOf(path) {
      const found = statSync(join(root, path), { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return undefined;
      const { dev, ino, size, mtimeNs, ctimeNs } = found;
      return {
        state: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
        changedMs: Number(found.ctimeMs),
        allocatedBytes: Number(found.blocks) * STAT_BLOCK_BYTES,
      };
    },
    readFile(path) {
      try {
        return readFileSync(join(root, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    list(path) {
      try {
        return readdirSync(join(root, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    },
    remove: (path) => rmSync(join(root, path), { force: true }),
    makeDirectory: (path) => void makeOwnDirectory(join(root, path)),
  };
}

function openOwn(path: string, mode: keyof typeof FLAGS): number {
  const descriptor = openSync(path, FLAGS[mode], OWN_FILE_MODE);
  try {
    if (mode === "create") fchmodSync(descriptor, OWN_FILE_MODE);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function nodeDiskFile(descriptor: number): DiskFile {
  return {
    write(bytes, position) {
      writeAll(descriptor, bytes, position);
      if (bytes.length >= WRITEBACK_BYTES_MIN) startWriteback(descriptor, position, bytes.length);
    },
    read(into, position) {
      let done = 0;
      while (done < into.length) {
        const count = readSync(descriptor, into, done, into.length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    },
    size: () => fstatSync(descriptor).size,
    truncate: (lengthBytes) => ftruncateSync(descriptor, lengthBytes),
    punch: (position, lengthBytes) => punchHole(descriptor, position, lengthBytes),
    allocatedBytes: () => fstatSync(descriptor).blocks * STAT_BLOCK_BYTES,
    sync: () => fdatasyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

/** The unit of `st_blocks` (inode(7)). */
const STAT_BLOCK_BYTES = 512;
/** Where a file system, or the machine, makes no holes. */
const NO_HOLES = ["EOPNOTSUPP", "ENOSYS", "EINVAL"];

function punchHole(descriptor: number, position: number, lengthBytes: number): boolean {
  const calls = systemCalls();
  if ("unavailable" in calls) return false;
  try {
    calls.punchHole(descriptor, position, lengthBytes);
    return true;
  } catch (error) {
    if (NO_HOLES.includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/**
 * Has the kernel start to write now what a sync will wait for later. Only a matter of speed, so that
 * where it cannot be had nothing is lost or to be told.
 */
function startWriteback(descriptor: number, position: number, length: number): void {
  const calls = systemCalls();
  if ("unavailable" in calls) return;
  try {
    calls.startWriteback(descriptor, position, length);
  } catch {
    // Not every file system can (ESPIPE, EINVAL); a write that fails is told by the sync.
  }
}

/** write(2) may write less than asked, on a disk that runs full for instance; the rest then tells why. */
function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length)
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}
