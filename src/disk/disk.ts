/**
 * The seam through which the store's own files are written: packs, caches, temporary files.
 *
 * Everything that a crash may tear goes through here, so that tests can cut it short, fail it and
 * replay it. What is captured from or restored to the user's directories does not: that is the
 * user's file system, reached through `scan` and `restore`. All calls are synchronous: they run in
 * worker threads, or are short.
 */

/** An open file of the store. */
export interface DiskFile {
  /** Writes all bytes at a position, however many system calls it takes. */
  write(bytes: Uint8Array, position: number): void;
  /** Reads up to `into.length` bytes and returns how many there were. */
  read(into: Uint8Array, position: number): number;
  /** Returns the file's length in bytes. */
  size(): number;
  /** Cuts the file to a length, or extends it with zeros. */
  truncate(lengthBytes: number): void;
  /**
   * Has a range read as zeros, and gives its blocks back to the file system. The length stays.
   *
   * @returns false, and nothing is changed, where this cannot be had
   */
  punch(position: number, lengthBytes: number): boolean;
  /** Returns the bytes that the file takes on the disk. */
  allocatedBytes(): number;
  /** Returns once the data is on stable storage (fdatasync). */
  sync(): void;
  close(): void;
}

/** A state of a file. */
export interface FileStamp {
  /** Device, inode, length, and both times. */
  readonly state: string;
  /** When something of it was changed last, milliseconds since 1970: a further change soon after may leave the same stamp. */
  readonly changedMs: number;
  /** Bytes that it takes on the disk. */
  readonly allocatedBytes: number;
}

/** The store's directory as the engine sees it; paths are relative to it. */
export interface Disk {
  /**
   * Names the time since the machine was started: what an earlier one wrote and did not sync may be gone.
   * `undefined` where the machine does not tell.
   */
  readonly bootId: string | undefined;
  /** Opens a file for reading and writing; `create` makes it, and fails where it exists. */
  open(path: string, mode: "read" | "write" | "create"): DiskFile;
  /** Returns once the names in a directory are on stable storage. */
  syncDirectory(path: string): void;
  /** Replaces a file in one step: it has its old or its new bytes, never a mixture. Not synced. */
  replace(path: string, pieces: readonly Uint8Array[]): void;
  /** Gives a file another name, in one step; a file of that name is replaced. Not synced. */
  rename(from: string, to: string): void;
  /** Returns what tells one state of a file from all others, or `undefined` where there is none. */
  stampOf(path: string): FileStamp | undefined;
  /** Returns a file's bytes, or `undefined` where there is none. */
  readFile(path: string): Buffer | undefined;
  /** Returns the names in a directory; none where it is not there. */
  list(path: string): string[];
  remove(path: string): void;
  makeDirectory(path: string): void;
}
