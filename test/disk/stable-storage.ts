/**
 * What a machine's disk holds behind its page cache: for each file its bytes as written and its bytes as
 * last synced, and the same for the names in directories. As strict as POSIX lets a file system be: a name
 * is on the disk once its directory was synced, and not when its file was.
 */

/** A file, whatever names it has. Its bytes are replaced, never changed: images share them. */
interface Inode {
  written: Buffer;
  synced: Buffer;
}

/** Files by path. */
export type FileImage = ReadonlyMap<string, Buffer>;

/** Tells at each choice that a power cut makes whether the newer state is the one that survives. */
export type Coin = () => boolean;

export class StableStorage {
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();

  /** Directories, which are taken to be on the disk at once. */
  readonly directories = new Set<string>();

  create(path: string): void {
    this.#names.set(path, { written: Buffer.alloc(0), synced: Buffer.alloc(0) });
  }

  /** Takes in a file that was there before. */
  adopt(path: string, bytes: Buffer): void {
    if (this.#names.has(path)) return;
    const inode = { written: bytes, synced: bytes };
    this.#names.set(path, inode);
    this.#syncedNames.set(path, inode);
  }

  write(path: string, bytes: Uint8Array, position: number): void {
    const inode = this.#inode(path);
    inode.written = patched(inode.written, bytes, position);
  }

  truncate(path: string, lengthBytes: number): void {
    const inode = this.#inode(path);
    const cut = Buffer.alloc(lengthBytes);
    inode.written.copy(cut);
    inode.written = cut;
  }

  sync(path: string): void {
    const inode = this.#inode(path);
    inode.synced = inode.written;
  }

  replace(path: string, bytes: Buffer): void {
    this.#names.set(path, { written: bytes, synced: Buffer.alloc(0) });
  }

  rename(from: string, to: string): void {
    this.#names.set(to, this.#inode(from));
    this.#names.delete(from);
  }

  remove(path: string): void {
    this.#names.delete(path);
  }

  syncDirectory(directory: string): void {
    const isIn = (path: string) => path.startsWith(`${directory}/`);
    for (const path of [...this.#syncedNames.keys()].filter(isIn)) this.#syncedNames.delete(path);
    for (const [path, inode] of this.#names) if (isIn(path)) this.#syncedNames.set(path, inode);
  }

  /** What every process sees, and what the death of one leaves. */
  written(): FileImage {
    return new Map([...this.#names].map(([path, inode]) => [path, inode.written]));
  }

  /** The same in the middle of a write: half of it is done. */
  halfWritten(path: string, bytes: Uint8Array, position: number): FileImage {
    const half = bytes.subarray(0, bytes.length >> 1);
    return new Map([...this.written(), [path, patched(this.#inode(path).written, half, position)]]);
  }

  /** What is left when the power goes and nothing but what was synced had reached the disk. */
  synced(): FileImage {
    return new Map([...this.#syncedNames].map(([path, inode]) => [path, inode.synced]));
  }

  /** What is left when some of the rest had reached it, in blocks of a size, in any order. */
  torn(blockBytes: number, coin: Coin): FileImage {
    const image = new Map<string, Buffer>();
    for (const path of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      const [now, before] = [this.#names.get(path), this.#syncedNames.get(path)];
      const inode = now === before || coin() ? now : before;
      if (inode !== undefined) image.set(path, tornBytes(inode, blockBytes, coin));
    }
    return image;
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new Error(`${path} is not there`);
    return inode;
  }
}

function tornBytes({ written, synced }: Inode, blockBytes: number, coin: Coin): Buffer {
  if (written === synced) return written;
  const torn = Buffer.alloc(coin() ? written.length : synced.length);
  for (let at = 0; at < torn.length; at += blockBytes) {
    // What a block never got to hold is zeros.
    torn.set((coin() ? written : synced).subarray(at, Math.min(at + blockBytes, torn.length)), at);
  }
  return torn;
}

function patched(old: Buffer, bytes: Uint8Array, position: number): Buffer {
  const grown = Buffer.alloc(Math.max(old.length, position + bytes.length));
  old.copy(grown);
  grown.set(bytes, position);
  return grown;
}
