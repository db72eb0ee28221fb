/**
 * Open file: reading and writing through a descriptor. It stays what it is, whatever becomes of its names.
 */
import { constants } from "node:fs";
import { FileContent } from "../file-content.js";
import type { FileInode, Inode } from "../inode.js";
import { now } from "../inode.js";
import type { OverlayTree } from "../overlay-tree.js";
import type { Caller } from "./caller.js";
import { createInode } from "./caller.js";
import { refusal, refuse } from "./refusal.js";
import type { Resolved } from "./resolve-path.js";
import { resolvePath } from "./resolve-path.js";

/** The largest size and offset: what a number can tell exactly. */
const FILE_BYTES_MAX = Number.MAX_SAFE_INTEGER;

const ACCESS = constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR;

/** Opens a path, and makes a file there where the flags say so. */
export function openFile(caller: Caller, path: string, flags: number, mode: number): OpenFile {
  const { tree } = caller;
  const { parent, name, inode: there } = findToOpen(tree, path, flags);
  const inode =
    there ??
    createInode(caller, { parent, name: name as string }, (attributes) => ({
      ...attributes,
      mode: mode & 0o7777 & ~caller.umask,
      kind: "file",
      content: FileContent.of(tree.owner, new Uint8Array()),
    }));
  const file = new OpenFile(tree, inode.number, flags);
  if (inode.kind === "file" && (flags & constants.O_TRUNC) !== 0) file.resize(0);
  return file;
}

/** Returns what a path leads to that can be opened, or made, with these flags. */
export function findToOpen(tree: OverlayTree, path: string, flags: number): Resolved {
  const creates = (flags & constants.O_CREAT) !== 0;
  const isNew = creates && (flags & constants.O_EXCL) !== 0;
  const isTaken = isNew || (flags & constants.O_NOFOLLOW) !== 0;
  const last = isTaken ? "take" : "follow";
  const found = resolvePath(tree, path, { last, own: true, makesFile: creates });
  const { inode } = found;
  if (inode === undefined) {
    if (!creates) throw refusal("ENOENT");
  } else {
    if (isNew) refuse("EEXIST");
    checkKind(inode, flags, creates);
  }
  return found;
}

function checkKind(inode: Inode, flags: number, creates: boolean): void {
  const writes = (flags & ACCESS) !== constants.O_RDONLY || (flags & constants.O_TRUNC) !== 0;
  if (inode.kind === "symlink") refuse("ELOOP");
  if (inode.kind === "directory" && (creates || writes)) refuse("EISDIR");
  if (inode.kind !== "directory" && (flags & constants.O_DIRECTORY) !== 0) refuse("ENOTDIR");
  // Nobody is at the other end, and there is no driver behind it.
  if (inode.kind !== "file" && inode.kind !== "directory") refuse("ENXIO");
}

export class OpenFile {
  readonly #tree: OverlayTree;
  readonly #number: number;
  readonly #canRead: boolean;
  readonly #canWrite: boolean;
  readonly #appends: boolean;
  #position = 0;
  #isClosed = false;

  constructor(tree: OverlayTree, number: number, flags: number) {
    const access = flags & ACCESS;
    this.#tree = tree;
    this.#number = number;
    this.#canRead = access !== constants.O_WRONLY;
    this.#canWrite = access !== constants.O_RDONLY;
    this.#appends = (flags & constants.O_APPEND) !== 0;
    tree.open.open(number);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What it is now. */
  get inode(): Inode {
    if (this.#isClosed) refuse("EBADF");
    return this.#tree.inode(this.#number);
  }

  get sizeBytes(): number {
    return this.#file().content.sizeBytes;
  }

  /** Reads from a position, or from where the last call ended, which then moves on. Returns how many bytes. */
  read(target: Uint8Array, position: number | null): number {
    const inode = this.inode;
    if (!this.#canRead) refuse("EBADF");
    if (inode.kind === "directory") refuse("EISDIR");
    const count = this.#file().content.read(this.#tree.objects, target, position ?? this.#position);
    if (position === null) this.#position += count;
    return count;
  }

  /** Writes as `read` reads, all or nothing; a file that is open for appending is written to at its end. */
  write(bytes: Uint8Array, position: number | null): number {
    const { content, ...inode } = this.#writable();
    const offset = this.#appends ? content.sizeBytes : (position ?? this.#position);
    if (offset + bytes.length > FILE_BYTES_MAX) refuse("EFBIG");
    if (bytes.length > 0) {
      const { owner, objects, memory } = this.#tree;
      memory.makeRoom(bytes.length);
      const written = content.write(owner, objects, bytes, offset);
      this.#put({ ...inode, content: written });
      memory.note(written);
    }
    if (position === null) this.#position = offset + bytes.length;
    return bytes.length;
  }

  resize(sizeBytes: number): void {
    const inode = this.#tree.inode(this.#number) as FileInode;
    const { owner, objects } = this.#tree;
    this.#put({ ...inode, content: inode.content.resize(owner, objects, sizeBytes) });
  }

  /** Sets the size through the descriptor. */
  truncate(sizeBytes: number): void {
    if (this.isClosed) refuse("EBADF");
    if (!this.#canWrite) refuse("EINVAL");
    this.resize(sizeBytes);
  }

  close(): void {
    if (this.#isClosed) refuse("EBADF");
    this.#isClosed = true;
    this.#tree.open.close(this.#number);
  }

  #file(): FileInode {
    return this.inode as FileInode;
  }

  #writable(): FileInode {
    const inode = this.#file();
    if (!this.#canWrite) refuse("EBADF");
    return inode;
  }

  #put(inode: FileInode): void {
    const moment = now();
    this.#tree.change({ ...inode, modified: moment, changed: moment });
  }
}
