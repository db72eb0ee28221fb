/**
 * Entry reader: one name of a directory becomes its tree record.
 */
import { constants, readlinkSync } from "node:fs";
import { NO_DIGEST } from "../model/digest.js";
import type { Content, EntryAttributes, Xattr } from "../model/entry.js";
import { systemCalls } from "../system/system-calls.js";
import type { SystemPath } from "../system/system-path.js";
import { encodeEntry } from "../tree/entry-codec.js";
import type { ContentReader } from "./content-reader.js";
import type { FileStatus } from "./file-status.js";
import type { SourceDirectory } from "./source-directory.js";
import { pathBytes } from "./source-directory.js";
import type { StatusReader } from "./status-reader.js";

/** How often a file is read that changes meanwhile. */
const ATTEMPTS_MAX = 5;

/** The longest that one write(2) is thought to take: 2 GiB at 200 MB/s. */
const WRITE_MS_MAX = 10_000;

/** The longest that a dirty page is thought to stay: 35 s (vm.dirty_expire_centisecs, dirty_writeback_centisecs), doubled. */
const DIRTY_MS_MAX = 70_000;

/** What reading files takes. */
export interface FileReaders {
  readonly content: ContentReader;
  readonly status: StatusReader;
  /** Returns those of a file's extended attributes that are its own. @default all */
  readonly ownXattrs?: (xattrs: readonly Xattr[]) => readonly Xattr[];
}

/** A file that was read whole, between two looks at its status that agree. */
export interface ReadFile {
  readonly record: Buffer;
  readonly status: FileStatus;
  readonly bytesRead: number;
  /** How often it changed and was read again. */
  readonly retries: number;
}

/** The file kept changing, so that no consistent state of it could be read. */
export class UnstableFileError extends Error {}

/** Returns the record of a regular file whose content is not known yet. */
export function fileRecord(
  name: Buffer,
  status: FileStatus,
  content: Content,
  xattrs: readonly Xattr[],
): Buffer {
  // Without a spread, which costs a microsecond: there are many files.
  return encodeEntry({
    kind: "file",
    name,
    mode: status.permissions,
    uid: status.uid,
    gid: status.gid,
    mtimeSeconds: status.mtimeSeconds,
    mtimeNanoseconds: status.mtimeNanoseconds,
    xattrs,
    sizeBytes: status.sizeBytes,
    content,
  });
}

/**
 * Reads a regular file of a directory; yields after each part of a large one.
 *
 * @param listed its status by lstat; the file must still be the one it speaks of
 * @throws {UnstableFileError} when it changes faster than it can be read
 * @throws {NodeJS.ErrnoException}
 */
export function* readFile(
  readers: FileReaders,
  directory: SourceDirectory,
  name: SystemPath,
  listed: FileStatus,
): Generator<void, ReadFile> {
  const descriptor = directory.openFile(name);
  try {
    let status = listed;
    let bytesRead = 0;
    for (let retries = 0; retries < ATTEMPTS_MAX; retries++) {
      settle(descriptor, status);
      const { sizeBytes, isSparse } = status;
      const result = yield* readers.content.read(descriptor, sizeBytes, isSparse);
      bytesRead += result.bytesRead;
      const found = xattrsOfDescriptor(descriptor);
      const xattrs = readers.ownXattrs?.(found) ?? found;
      const after = readers.status.ofDescriptor(descriptor);
      if (result.complete && status.isSameState(after)) {
        return {
          record: fileRecord(pathBytes(name), status, result.content, xattrs),
          status,
          bytesRead,
          retries,
        };
      }
      if (after.identity !== listed.identity || !after.isFile) break;
      status = after;
    }
    throw new UnstableFileError("it changes faster than it can be read");
  } finally {
    directory.closeFile(descriptor);
  }
}

/**
 * Sees to it that what is written to a file from now on moves its times.
 *
 * A write(2) sets the times first and copies its bytes afterwards: a reader would meet half of them between two statuses
 * that agree. A search for a hole takes the lock that the write holds (ext4, btrfs, tmpfs; XFS takes it for every read),
 * and so waits for it. Stores through a shared memory map move the times once, until the page is written back.
 */
function settle(descriptor: number, { sizeBytes, ctimeMs }: FileStatus): void {
  const ageMs = Date.now() - ctimeMs;
  if (sizeBytes === 0 || ageMs > DIRTY_MS_MAX) return;
  const calls = systemCalls();
  if ("unavailable" in calls) return;
  if (ageMs < WRITE_MS_MAX) calls.seekHole(descriptor, 0);
  try {
    calls.protectPages(descriptor);
  } catch {
    // Not every file system can; what could not be written is told to those who wrote it.
  }
}

/**
 * Returns the record of anything but a regular file, or `undefined` for a kind that is not kept.
 *
 * @param ownXattrs returns those of its extended attributes that are its own
 */
export function specialRecord(
  path: SystemPath,
  name: Buffer,
  status: FileStatus,
  ownXattrs: NonNullable<FileReaders["ownXattrs"]> = (xattrs) => xattrs,
): Buffer | undefined {
  const base = (): EntryAttributes => attributes(name, status, ownXattrs(xattrsOf(path)));
  switch (status.type) {
    case constants.S_IFDIR:
      return encodeEntry({
        kind: "directory",
        ...base(),
        tree: NO_DIGEST,
        stateTree: NO_DIGEST,
        entryCount: 0,
        totalBytes: 0,
      });
    case constants.S_IFLNK:
      return encodeEntry({
        kind: "symlink",
        ...base(),
        target: readlinkSync(path, { encoding: "buffer" }),
      });
    case constants.S_IFIFO:
      return encodeEntry({ kind: "fifo", ...base() });
    case constants.S_IFCHR:
      return encodeEntry({ kind: "character-device", ...base(), ...status.device });
    case constants.S_IFBLK:
      return encodeEntry({ kind: "block-device", ...base(), ...status.device });
    default:
      return undefined;
  }
}

/** Returns the extended attributes by path, none where the machine cannot read them. */
export function xattrsOf(path: SystemPath): readonly Xattr[] {
  return readXattrs((calls) => calls.readExtendedAttributes(path));
}

/** Returns the extended attributes of an open file, none where the machine cannot read them. */
export function xattrsOfDescriptor(descriptor: number): readonly Xattr[] {
  return readXattrs((calls) => calls.readExtendedAttributesFd(descriptor));
}

type Calls = Exclude<ReturnType<typeof systemCalls>, { unavailable: string }>;

/** Where they cannot be read at all, the capture's report says so (`limits`). */
function readXattrs(read: (calls: Calls) => readonly Xattr[]): readonly Xattr[] {
  const calls = systemCalls();
  return "unavailable" in calls ? [] : read(calls);
}

/** Returns what every entry has. */
export function attributes(
  name: Buffer,
  status: FileStatus,
  xattrs: readonly Xattr[],
): EntryAttributes {
  return {
    name,
    mode: status.permissions,
    uid: status.uid,
    gid: status.gid,
    mtimeSeconds: status.mtimeSeconds,
    mtimeNanoseconds: status.mtimeNanoseconds,
    xattrs,
  };
}
