import type { Disk, DiskFile } from "#dist/disk/disk.js";

/** One write to a file of a `MemoryDisk`. */
export interface MemoryWrite {
  readonly path: string;
  readonly position: number;
  readonly lengthBytes: number;
}

/** A disk in memory that remembers what was done. Refuses as a real one does. */
export class MemoryDisk implements Disk {
  readonly bootId = "memory";
  readonly files = new Map<string, Buffer>();
  readonly writes: MemoryWrite[] = [];
  /** Everything but reads, in order. */
  readonly calls: string[] = [];

  open(path: string, mode: "read" | "write" | "create"): DiskFile {
    this.calls.push(`${mode} ${path}`);
    if (this.files.has(path) === (mode === "create")) {
      throw Object.assign(new Error(`${mode} ${path}`), {
        code: mode === "create" ? "EEXIST" : "ENOENT",
      });
    }
    if (mode === "create") this.files.set(path, Buffer.alloc(0));
    return {
      write: (bytes, position) => {
        this.calls.push(`write ${path}`);
        this.writes.push({ path, position, lengthBytes: bytes.length });
        const old = this.#file(path);
        const grown = Buffer.alloc(Math.max(old.length, position + bytes.length));
        old.copy(grown);
        grown.set(bytes, position);
        this.files.set(path, grown);
      },
      read: (into, position) => {
        const bytes = this.#file(path).subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      size: () => this.#file(path).length,
      truncate: (lengthBytes) => {
        this.calls.push(`truncate ${path}`);
        const cut = Buffer.alloc(lengthBytes);
        this.#file(path).copy(cut);
        this.files.set(path, cut);
      },
      punch: (position, lengthBytes) => {
        this.calls.push(`punch ${path}`);
        this.#file(path).fill(0, position, position + lengthBytes);
        return true;
      },
      allocatedBytes: () => this.#file(path).length,
      sync: () => void this.calls.push(`sync ${path}`),
      close: () => void this.calls.push(`close ${path}`),
    };
  }

  syncDirectory(path: string): void {
    this.calls.push(`sync directory ${path}`);
  }

  replace(path: string, pieces: readonly Uint8Array[]): void {
    this.calls.push(`replace ${path}`);
    this.files.set(path, Buffer.concat(pieces));
  }

  rename(from: string, to: string): void {
    this.calls.push(`rename ${from} ${to}`);
    this.files.set(to, this.#file(from));
    this.files.delete(from);
  }

  stampOf(path: string) {
    const bytes = this.files.get(path);
    return (
      bytes && { state: `${bytes.length}`, changedMs: Date.now(), allocatedBytes: bytes.length }
    );
  }

  readFile(path: string): Buffer | undefined {
    return this.files.get(path);
  }

  list(path: string): string[] {
    const prefix = path === "" ? "" : `${path}/`;
    return [...this.files.keys()].filter((each) => each.startsWith(prefix));
  }

  remove(path: string): void {
    this.calls.push(`remove ${path}`);
    this.files.delete(path);
  }

  makeDirectory(): void {
    this.calls.push("make directory");
  }

  #file(path: string): Buffer {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new Error(`${path} is gone`);
    return bytes;
  }
}
