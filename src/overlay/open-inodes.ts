/**
 * Open inodes: what is open stays, whatever becomes of its names.
 */
import type { Inode } from "./inode.js";

interface OpenInode {
  count: number;
  /** The inode, once it has no name. */
  orphan: Inode | undefined;
}

export class OpenInodes {
  readonly #open = new Map<number, OpenInode>();

  has(number: number): boolean {
    return this.#open.has(number);
  }

  /** Returns an inode that is open and has no name. */
  orphan(number: number): Inode | undefined {
    return this.#open.get(number)?.orphan;
  }

  /** Keeps what an inode without names is; returns whether it is open. */
  keep(inode: Inode): boolean {
    const open = this.#open.get(inode.number);
    if (open !== undefined) open.orphan = inode;
    return open !== undefined;
  }

  /** Has all that is open lose its names. */
  orphanAll(inodeOf: (number: number) => Inode | undefined): void {
    for (const [number, open] of this.#open) {
      const inode = open.orphan ?? inodeOf(number);
      open.orphan = inode && { ...inode, places: [] };
    }
  }

  open(number: number): void {
    const open = this.#open.get(number);
    if (open === undefined) this.#open.set(number, { count: 1, orphan: undefined });
    else open.count++;
  }

  close(number: number): void {
    const open = this.#open.get(number);
    if (open !== undefined && --open.count === 0) this.#open.delete(number);
  }
}
