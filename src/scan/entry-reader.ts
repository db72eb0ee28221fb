/**
 * Entry reader: one name of a directory becomes its tree record.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import type { Content, EntryAttributes, Xattr } from "../model/entry.js";
import { splitDeviceNumber } from "../system/device-number.js";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";
import { encodeEntry } from "../tree/entry-codec.js";
import type { ContentReader } from "./content-reader.js";
import { NO_DIGEST } from "../model/digest.js";

/** A FIFO would block without O_NONBLOCK, and a link put in the file's place must not be followed. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** How often a file is read that changes meanwhile. */
const ATTEMPTS_MAX = 5;
const MODE_BITS = 0o7777n;
const STAT_BLOCK_BYTES = 512n;

/** A file that was read whole, between two looks at its status that agree. */
export interface ReadFile {
  readonly record: Buffer;
  readonly stat: BigIntStats;
  readonly bytesRead: number;
  /** How often it changed and was read again. */
  readonly retries: number;
}

/** The file kept changing, so that no consistent state of it could be read. */
export class UnstableFileError extends Error {}

/** Returns the record of a regular file whose content is not known yet. */
export function fileRecord(name: Buffer, stat: BigIntStats, content: Content, xattrs: readonly Xattr[]): Buffer {
  return encodeEntry({ kind: "file", ...attributes(name, stat, xattrs), sizeBytes: Number(stat.size), content });
}

/**
 * Reads a regular file.
 *
 * @param listed its status by lstat; the file must still be the one it speaks of
 * @throws {UnstableFileError} when it changes faster than it can be read
 * @throws {NodeJS.ErrnoException}
 */
export function readFile(reader: ContentReader, path: SystemPath, name: Buffer, listed: BigIntStats): ReadFile {
  const descriptor = openSync(path, READ_FLAGS);
  try {
    let stat = listed;
    let bytesRead = 0;
    for (let retries = 0; retries < ATTEMPTS_MAX; retries++) {
      const result = reader.read(descriptor, Number(stat.size), stat.blocks * STAT_BLOCK_BYTES < stat.size);
      bytesRead += result.bytesRead;
      const xattrs = readXattrs((calls) => calls.readExtendedAttributesFd(descriptor));
      const after = fstatSync(descriptor, { bigint: true });
      if (result.complete && isSameState(stat, after)) {
        return { record: fileRecord(name, stat, result.content, xattrs), stat, bytesRead, retries };
      }
      if (after.ino !== listed.ino || after.dev !== listed.dev || !after.isFile()) break;
      stat = after;
    }
    throw new UnstableFileError("it changes faster than it can be read");
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the record of anything but a regular file, or `undefined` for a kind that is not kept. */
export function specialRecord(path: SystemPath, name: Buffer, stat: BigIntStats): Buffer | undefined {
  const base = (): EntryAttributes => attributes(name, stat, readXattrs((calls) => calls.readExtendedAttributes(path)));
  if (stat.isDirectory()) {
    return encodeEntry({ kind: "directory", ...base(), tree: NO_DIGEST, stateTree: NO_DIGEST, entryCount: 0, totalBytes: 0 });
  }
  if (stat.isSymbolicLink()) {
    return encodeEntry({ kind: "symlink", ...base(), target: readlinkSync(path, { encoding: "buffer" }) });
  }
  if (stat.isFIFO()) return encodeEntry({ kind: "fifo", ...base() });
  if (stat.isCharacterDevice() || stat.isBlockDevice()) {
    const kind = stat.isBlockDevice() ? "block-device" : "character-device";
    return encodeEntry({ kind, ...base(), ...splitDeviceNumber(stat.rdev) });
  }
  return undefined;
}

/** Returns the extended attributes by path, none where the machine cannot read them. */
export function xattrsOf(path: SystemPath): readonly Xattr[] {
  return readXattrs((calls) => calls.readExtendedAttributes(path));
}

type Calls = Exclude<ReturnType<typeof systemCalls>, { unavailable: string }>;

/** Where they cannot be read at all, the capture's report says so (`limits`). */
function readXattrs(read: (calls: Calls) => readonly Xattr[]): readonly Xattr[] {
  const calls = systemCalls();
  return "unavailable" in calls ? [] : read(calls);
}

function attributes(name: Buffer, stat: BigIntStats, xattrs: readonly Xattr[]): EntryAttributes {
  // Rounded down, also before 1970, so that nanoseconds always count upwards.
  const nanoseconds = Number(((stat.mtimeNs % NS) + NS) % NS);
  return {
    name,
    mode: Number(stat.mode & MODE_BITS),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeSeconds: Number((stat.mtimeNs - BigInt(nanoseconds)) / NS),
    mtimeNanoseconds: nanoseconds,
    xattrs,
  };
}

const NS = 1_000_000_000n;

function isSameState(before: BigIntStats, after: BigIntStats): boolean {
  return (
    before.ctimeNs === after.ctimeNs &&
    before.mtimeNs === after.mtimeNs &&
    before.size === after.size &&
    before.ino === after.ino &&
    before.dev === after.dev
  );
}
