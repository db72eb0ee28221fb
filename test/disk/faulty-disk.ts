import type { Disk, DiskFile, FileStamp } from "#dist/disk/disk.js";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { StableStorage } from "./stable-storage.js";

/** One call of the seam. */
export interface DiskOperation {
  /** Counted from 1 for each disk. */
  readonly number: number;
  readonly name: keyof Disk | keyof DiskFile;
  /** Relative to the store. */
  readonly path: string;
  /** Whether it can change what is in the store. */
  readonly isChange: boolean;
  /** Of a write. */
  readonly data?: { readonly bytes: Uint8Array; readonly position: number };
}

/** Called before an operation is carried out; where it throws, it is not. */
export type OnDiskOperation = (operation: DiskOperation) => void;

const changes = new Set([
  "create",
  "write",
  "truncate",
  "punch",
  "sync",
  "syncDirectory",
  "replace",
  "rename",
  "remove",
  "makeDirectory",
]);

/**
 * The real disk below a directory, every operation of which can be refused. Beside it stands what a power
 * cut would leave of it.
 */
export class FaultyDisk implements Disk {
  bootId: string | undefined;
  readonly storage: StableStorage;
  /** Operations so far. */
  operations = 0;
  onOperation: OnDiskOperation | undefined;
  readonly #disk: Disk;

  /** @param storage - That of the disk's files so far. */
  constructor(root: string, storage = new StableStorage()) {
    this.#disk = nodeDisk(root);
    this.bootId = this.#disk.bootId;
    this.storage = storage;
  }

  open(path: string, mode: "read" | "write" | "create"): DiskFile {
    this.#announce("open", path, mode);
    const file = this.#disk.open(path, mode);
    if (mode === "create") this.storage.create(path);
    else this.#adopt(path);
    return {
      write: (bytes, position) => {
        this.#announce("write", path, "", { bytes, position });
        file.write(bytes, position);
        this.storage.write(path, bytes, position);
      },
      read: (into, position) => {
        this.#announce("read", path);
        return file.read(into, position);
      },
      size: () => {
        this.#announce("size", path);
        return file.size();
      },
      truncate: (lengthBytes) => {
        this.#announce("truncate", path);
        file.truncate(lengthBytes);
        this.storage.truncate(path, lengthBytes);
      },
      punch: (position, lengthBytes) => {
        const bytes = Buffer.alloc(lengthBytes);
        this.#announce("punch", path, "", { bytes, position });
        const isPunched = file.punch(position, lengthBytes);
        if (isPunched) this.storage.write(path, bytes, position);
        return isPunched;
      },
      allocatedBytes: () => {
        this.#announce("allocatedBytes", path);
        return file.allocatedBytes();
      },
      sync: () => {
        this.#announce("sync", path);
        // Nothing depends on the real disk's being slow.
        this.storage.sync(path);
      },
      close: () => {
        file.close();
        this.#announce("close", path);
      },
    };
  }

  syncDirectory(path: string): void {
    this.#announce("syncDirectory", path);
    this.storage.syncDirectory(path);
  }

  replace(path: string, pieces: readonly Uint8Array[]): void {
    this.#announce("replace", path);
    this.#disk.replace(path, pieces);
    this.storage.replace(path, Buffer.concat(pieces));
  }

  rename(from: string, to: string): void {
    this.#announce("rename", from);
    this.#adopt(from);
    this.#disk.rename(from, to);
    this.storage.rename(from, to);
  }

  stampOf(path: string): FileStamp | undefined {
    this.#announce("stampOf", path);
    return this.#disk.stampOf(path);
  }

  readFile(path: string): Buffer | undefined {
    this.#announce("readFile", path);
    return this.#disk.readFile(path);
  }

  list(path: string): string[] {
    this.#announce("list", path);
    return this.#disk.list(path);
  }

  remove(path: string): void {
    this.#announce("remove", path);
    this.#disk.remove(path);
    this.storage.remove(path);
  }

  makeDirectory(path: string): void {
    this.#announce("makeDirectory", path);
    this.#disk.makeDirectory(path);
    this.storage.makeDirectory(path);
  }

  /** What was there before counts as synced. */
  #adopt(path: string): void {
    if (!this.storage.has(path))
      this.storage.adopt(path, this.#disk.readFile(path) ?? Buffer.alloc(0));
  }

  #announce(
    name: DiskOperation["name"],
    path: string,
    mode = "",
    data?: DiskOperation["data"],
  ): void {
    const number = ++this.operations;
    const isChange = changes.has(name) || changes.has(mode);
    this.onOperation?.({ number, name, path, isChange, ...(data && { data }) });
  }
}

/** Returns the error of a system call that failed. */
export function systemError(code: "EIO" | "ENOSPC", syscall: string): Error {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall });
}

/** Thrown where a process is taken to have died. */
export class Crash extends Error {
  constructor() {
    super("The process is dead");
  }
}
