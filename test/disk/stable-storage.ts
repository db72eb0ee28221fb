/**
 * What a machine's disk holds behind its page cache: for each file the bytes that were last synced and all that it held since, and the
 * same for the names in directories. As strict as POSIX lets a file system be: a name is on the disk once its directory was synced, and
 * not when its file was; what was not synced may have reached it or not, each block and each name by itself, in any order.
 */

/** A file, whatever names it has. Its bytes are replaced, never changed: images share them. */
interface Inode {
  /** What it held since the last sync, that first. Never empty. */
  versions: readonly Buffer[];
  /** Where the last write to it lies. */
  last: { readonly start: number; readonly end: number };
}

/** A name that comes, goes or becomes another file's; a directory is a file that has no bytes. */
interface NameChange {
  readonly path: string;
  readonly inode: Inode | "directory" | undefined;
}

/** Files by path. */
export type FileImage = ReadonlyMap<string, Buffer>;

/** What a crash leaves. */
export interface DiskImage {
  readonly files: FileImage;
  readonly directories: readonly string[];
}

/** Returns a whole number below a bound: the choices that a power cut makes. */
export type Choice = (below: number) => number;

/** What of the unsynced names and bytes has reached the disk. */
export interface Survivors {
  readonly names: "all" | "none" | "some";
  /** `last`: of each file what was written last, and nothing that was written before it. */
  readonly bytes: "all" | "none" | "some" | "last";
  /** The unit in which bytes get there. */
  readonly blockBytes: number;
}

export class StableStorage {
  readonly #names = new Map<string, Inode | "directory">();
  readonly #syncedNames = new Map<string, Inode | "directory">();
  /** Changes of names that are not on the disk, in their order; those of one step together. */
  #pending: (readonly NameChange[])[] = [];

  create(path: string): void {
    this.#change({ path, inode: newInode(Buffer.alloc(0)) });
  }

  has(path: string): boolean {
    return this.#names.has(path);
  }

  /** Takes in a file that was there before. */
  adopt(path: string, bytes: Buffer): void {
    const inode = newInode(bytes);
    this.#names.set(path, inode);
    this.#syncedNames.set(path, inode);
  }

  /** Takes in a directory that was there before. */
  adoptDirectory(path: string): void {
    this.#names.set(path, "directory");
    this.#syncedNames.set(path, "directory");
  }

  makeDirectory(path: string): void {
    if (!this.#names.has(path)) this.#change({ path, inode: "directory" });
  }

  write(path: string, bytes: Uint8Array, position: number): void {
    const inode = this.#inode(path);
    add(inode, patched(newest(inode), bytes, position), position, position + bytes.length);
  }

  truncate(path: string, lengthBytes: number): void {
    const inode = this.#inode(path);
    const cut = Buffer.alloc(lengthBytes);
    newest(inode).copy(cut);
    add(inode, cut, Math.min(lengthBytes, newest(inode).length), lengthBytes);
  }

  sync(path: string): void {
    const inode = this.#inode(path);
    inode.versions = [newest(inode)];
  }

  replace(path: string, bytes: Buffer): void {
    const inode = newInode(Buffer.alloc(0));
    add(inode, bytes, 0, bytes.length);
    this.#change({ path, inode });
  }

  /** One step: while it is not on the disk, both names are as they were. */
  rename(from: string, to: string): void {
    this.#change({ path: to, inode: this.#inode(from) }, { path: from, inode: undefined });
  }

  remove(path: string): void {
    if (this.#names.has(path)) this.#change({ path, inode: undefined });
  }

  syncDirectory(directory: string): void {
    const isIn = ({ path }: NameChange) => parentOf(path) === directory;
    for (const change of this.#pending.flat()) if (isIn(change)) apply(this.#syncedNames, change);
    this.#pending = this.#pending
      .map((step) => step.filter((change) => !isIn(change)))
      .filter((step) => step.length > 0);
  }

  /** What every process sees, and what the death of one leaves. */
  written(): DiskImage {
    return imageOf(this.#names, newest);
  }

  /** The same in the middle of a write: half of it is done. */
  halfWritten(path: string, bytes: Uint8Array, position: number): DiskImage {
    const half = bytes.subarray(0, bytes.length >> 1);
    const { files, directories } = this.written();
    const torn = patched(newest(this.#inode(path)), half, position);
    return { files: new Map([...files, [path, torn]]), directories };
  }

  /** What is left when the power goes. */
  surviving({ names, bytes, blockBytes }: Survivors, choose: Choice): DiskImage {
    const left = new Map(this.#syncedNames);
    for (const step of this.#pending) {
      const reached = names === "all" || (names === "some" && choose(2) === 1);
      if (reached) for (const change of step) apply(left, change);
    }
    return imageOf(left, (inode) => {
      const { versions } = inode;
      if (versions.length === 1 || bytes === "all") return newest(inode);
      if (bytes === "none") return versions[0]!;
      if (bytes === "last") return lastAlone(inode);
      return anyOf(versions, blockBytes, choose);
    });
  }

  /** Whether there is anything that the power would take. */
  get isSynced(): boolean {
    const isWhole = (inode: Inode | "directory") =>
      inode === "directory" || inode.versions.length === 1;
    return this.#pending.length === 0 && [...this.#names.values()].every(isWhole);
  }

  #change(...step: readonly NameChange[]): void {
    for (const change of step) apply(this.#names, change);
    this.#pending.push(step);
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined || inode === "directory") throw new Error(`${path} is not there`);
    return inode;
  }
}

function newInode(bytes: Buffer): Inode {
  return { versions: [bytes], last: { start: 0, end: 0 } };
}

function newest({ versions }: Inode): Buffer {
  return versions.at(-1)!;
}

function add(inode: Inode, bytes: Buffer, start: number, end: number): void {
  inode.versions = [...inode.versions, bytes];
  inode.last = { start, end };
}

function apply(names: Map<string, Inode | "directory">, { path, inode }: NameChange): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

/** A name is there where its directory is. */
function imageOf(
  names: ReadonlyMap<string, Inode | "directory">,
  bytesOf: (inode: Inode) => Buffer,
): DiskImage {
  const files = new Map<string, Buffer>();
  const directories = new Set<string>();
  const isIn = (path: string) => parentOf(path) === "" || directories.has(parentOf(path));
  const ordered = [...names].sort(([a], [b]) => a.length - b.length);
  for (const [path, inode] of ordered)
    if (inode === "directory" && isIn(path)) directories.add(path);
  for (const [path, inode] of names)
    if (inode !== "directory" && isIn(path)) files.set(path, bytesOf(inode));
  return { files, directories: [...directories] };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last write, on what was synced: whatever it relied on to be there is not. */
function lastAlone(inode: Inode): Buffer {
  const { versions, last } = inode;
  const bytes = Buffer.alloc(newest(inode).length);
  versions[0]!.copy(bytes);
  newest(inode).copy(bytes, last.start, last.start, last.end);
  return bytes;
}

/** Each block, and the length, as some version has it. */
function anyOf(versions: readonly Buffer[], blockBytes: number, choose: Choice): Buffer {
  const any = () => versions[choose(versions.length)]!;
  const mixed = Buffer.alloc(any().length);
  for (let at = 0; at < mixed.length; at += blockBytes) {
    // What a block never got to hold is zeros.
    mixed.set(any().subarray(at, Math.min(at + blockBytes, mixed.length)), at);
  }
  return mixed;
}

function patched(old: Buffer, bytes: Uint8Array, position: number): Buffer {
  const grown = Buffer.alloc(Math.max(old.length, position + bytes.length));
  old.copy(grown);
  grown.set(bytes, position);
  return grown;
}
