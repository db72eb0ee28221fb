/**
 * File content: the bytes of a file in an overlay: stored ones, with pages written over them.
 *
 * A content belongs to an owner, who writes into its pages; whoever else writes makes a content of its own, which shares
 * all pages but those it writes. Where a content gets a second place (a fork, a copy of a file, a snapshot under way),
 * the overlay takes another owner: what was written before is written to by nobody any more.
 */
import type { Keep } from "../catalog/hold-table.js";
import type { Content } from "../model/entry.js";
import type { ChunkSource } from "../tree/content-reader.js";
import { readRange } from "../tree/content-reader.js";
import { PersistentMap } from "./persistent-map.js";

/** Who may write into pages; only its identity counts. */
export type Owner = Record<never, never>;

/** The unit in which written bytes are kept. */
const PAGE_BYTES = 64 * 1024;

interface Page {
  readonly owner: Owner;
  /** Of the page's size, or less: the rest are zeros. */
  bytes: Buffer;
}

type Pages = PersistentMap<number, Page>;

const NO_PAGES: Pages = PersistentMap.empty();
const NO_CONTENT: Content = { form: "empty" };

export class FileContent {
  readonly #owner: Owner | undefined;
  #stored: Content;
  /** Keeps what is stored. */
  #keep: Keep | undefined;
  /** How many bytes of what is stored are still part of the file, and how many there are. */
  #visibleBytes: number;
  #storedBytes: number;
  #pages: Pages = NO_PAGES;
  #sizeBytes: number;
  #grownBytes = 0;

  private constructor(owner: Owner | undefined, stored: Content, sizeBytes: number) {
    this.#owner = owner;
    this.#stored = stored;
    this.#storedBytes = this.#visibleBytes = this.#sizeBytes = sizeBytes;
  }

  /** Returns the content of a stored file. */
  static stored(content: Content, sizeBytes: number, keep: Keep | undefined): FileContent {
    const stored = new FileContent(undefined, content, sizeBytes);
    stored.#keep = keep;
    return stored;
  }

  /** Returns content of some bytes, which are copied. */
  static of(owner: Owner, bytes: Uint8Array): FileContent {
    const content = new FileContent(owner, NO_CONTENT, 0);
    return content.write(owner, EMPTY_SOURCE, bytes, 0);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Returns whether an owner writes into its pages: then it has no other place (O4). */
  isOf(owner: Owner): boolean {
    return this.#owner === owner;
  }

  /** What is stored of it, where that is all. */
  get stored(): Content | undefined {
    const isWhole =
      this.#visibleBytes === this.#storedBytes && this.#storedBytes === this.#sizeBytes;
    return this.#pages.size === 0 && isWhole ? this.#stored : undefined;
  }

  /** Returns by how much memory its own pages have grown since this was asked last, in bytes. */
  takeGrowth(): number {
    const grown = this.#grownBytes;
    this.#grownBytes = 0;
    return grown;
  }

  /** Returns the memory of its pages in bytes, without those that were counted before. */
  countPages(counted: Set<unknown>): number {
    let sum = 0;
    for (const [, page] of this.#pages) {
      if (counted.has(page)) continue;
      counted.add(page);
      sum += page.bytes.length;
    }
    return sum;
  }

  /** Returns where bytes begin that may not be zeros, from an offset on; infinity where there are none. */
  dataFrom(offset: number): number {
    const index = Math.floor(offset / PAGE_BYTES);
    if (offset < this.#visibleBytes || this.#pages.get(index) !== undefined) return offset;
    let next = Number.POSITIVE_INFINITY;
    for (const [each] of this.#pages) if (each > index) next = Math.min(next, each);
    return next * PAGE_BYTES;
  }

  /** Copies bytes from an offset on, and returns how many there were. */
  read(objects: ChunkSource, target: Uint8Array, offset: number): number {
    const count = Math.max(0, Math.min(target.length, this.#sizeBytes - offset));
    if (this.#pages.size === 0) {
      this.#readStored(
        objects,
        count === target.length ? target : target.subarray(0, count),
        offset,
      );
      return count;
    }
    for (let done = 0; done < count; ) {
      const at = offset + done;
      const index = Math.floor(at / PAGE_BYTES);
      const length = Math.min(count - done, (index + 1) * PAGE_BYTES - at);
      const part = target.subarray(done, done + length);
      const page = this.#pages.get(index);
      if (page === undefined) this.#readStored(objects, part, at);
      else copyPadded(page.bytes, at - index * PAGE_BYTES, part);
      done += length;
    }
    return count;
  }

  /** Returns the content with bytes written at an offset; this one, where the owner may write into it. */
  write(owner: Owner, objects: ChunkSource, bytes: Uint8Array, offset: number): FileContent {
    const content = this.#ownedBy(owner);
    for (let done = 0; done < bytes.length; ) {
      const at = offset + done;
      const index = Math.floor(at / PAGE_BYTES);
      const start = at - index * PAGE_BYTES;
      const length = Math.min(bytes.length - done, PAGE_BYTES - start);
      const page = content.#page(owner, objects, index, start, start + length);
      page.set(bytes.subarray(done, done + length), start);
      done += length;
    }
    content.#sizeBytes = Math.max(
      content.#sizeBytes,
      bytes.length === 0 ? 0 : offset + bytes.length,
    );
    return content;
  }

  /** Returns the content at another size: cut off, or with zeros behind it. */
  resize(owner: Owner, objects: ChunkSource, sizeBytes: number): FileContent {
    const content = this.#ownedBy(owner);
    if (sizeBytes < content.#sizeBytes) {
      const last = Math.floor(sizeBytes / PAGE_BYTES);
      for (const [index] of content.#pages)
        if (index * PAGE_BYTES >= sizeBytes) content.#pages = content.#pages.delete(index);
      const page = content.#pages.get(last);
      // What is behind the end must read as zeros, should the file grow again.
      if (page !== undefined && page.bytes.length > sizeBytes - last * PAGE_BYTES)
        content.#page(owner, objects, last, 0, 0).fill(0, sizeBytes - last * PAGE_BYTES);
      content.#visibleBytes = Math.min(content.#visibleBytes, sizeBytes);
    }
    content.#sizeBytes = sizeBytes;
    return content;
  }

  /** Lets go of the pages, now that all of it is stored. It holds the same bytes as before. */
  settle(stored: Content, keep: Keep | undefined): void {
    this.#keep = keep;
    this.#pages = NO_PAGES;
    this.#stored = stored;
    this.#storedBytes = this.#visibleBytes = this.#sizeBytes;
  }

  #ownedBy(owner: Owner): FileContent {
    if (this.#owner === owner) return this;
    const copy = new FileContent(owner, this.#stored, this.#storedBytes);
    copy.#keep = this.#keep;
    copy.#visibleBytes = this.#visibleBytes;
    copy.#pages = this.#pages;
    copy.#sizeBytes = this.#sizeBytes;
    return copy;
  }

  /** Returns a page's memory for writing a part of it. */
  #page(owner: Owner, objects: ChunkSource, index: number, start: number, end: number): Buffer {
    const known = this.#pages.get(index);
    if (known?.owner === owner) {
      if (known.bytes.length < end) {
        this.#grownBytes -= known.bytes.length;
        known.bytes = grown(known.bytes, end);
        this.#grownBytes += known.bytes.length;
      }
      return known.bytes;
    }
    let bytes: Buffer;
    if (known !== undefined) bytes = grown(known.bytes, Math.max(end, known.bytes.length));
    else {
      const offset = index * PAGE_BYTES;
      const visible = Math.max(0, Math.min(PAGE_BYTES, this.#visibleBytes - offset));
      bytes = Buffer.alloc(roomFor(Math.max(end, visible)));
      // What is about to be written need not be read.
      if (visible > 0 && (start > 0 || end < visible))
        this.#readStored(objects, bytes.subarray(0, visible), offset);
    }
    this.#pages = this.#pages.set(index, { owner, bytes });
    this.#grownBytes += bytes.length;
    return bytes;
  }

  #readStored(objects: ChunkSource, target: Uint8Array, offset: number): void {
    const visible = Math.max(0, Math.min(target.length, this.#visibleBytes - offset));
    const there = visible === target.length ? target : target.subarray(0, visible);
    readRange(objects, this.#stored, this.#storedBytes, offset, there);
    if (visible < target.length) target.fill(0, visible);
  }
}

/** Bytes that are written behind one another must not be copied each time. */
function roomFor(length: number): number {
  return length <= 4096 ? length : Math.min(PAGE_BYTES, 2 ** Math.ceil(Math.log2(length)));
}

function grown(bytes: Buffer, length: number): Buffer {
  const larger = Buffer.alloc(Math.max(bytes.length, roomFor(length)));
  bytes.copy(larger);
  return larger;
}

function copyPadded(source: Buffer, start: number, target: Uint8Array): void {
  const there = source.subarray(start, start + target.length);
  target.set(there);
  target.fill(0, there.length);
}

const EMPTY_SOURCE: ChunkSource = {
  readObject: nothingStored,
  readChunk: nothingStored,
};

function nothingStored(): never {
  throw new Error("A file without stored bytes reads none");
}
