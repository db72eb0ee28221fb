/**
 * Segment reader: brings bytes of chunks into a buffer. Chunks that lie near one another in a pack are read
 * together, and each is checked before a byte of it is used.
 */
import { xxh64 } from "../hash/xxh64.js";
import type { ChunkNumbers } from "./chunk-numbers.js";

/** What one read may bring; a chunk of a file has at most 64 KiB, other chunks do not come here. */
const WINDOW_BYTES = 2 * 1024 * 1024;
/** Reading over so many bytes costs what a further system call does: 3 µs, at 8 GB/s from the page cache. */
const GAP_BYTES_MAX = 16 * 1024;
/** Above every offset in a pack. */
const PACK_STRIDE = 2 ** 40;

export class SegmentReader {
  readonly #index: ChunkNumbers;
  /** As large as was needed yet: the image of a small layer needs little. */
  #window = Buffer.alloc(0);
  /** Row, first byte of the chunk, length, target in the buffer: four numbers a copy. */
  #copies: number[] = [];

  constructor(index: ChunkNumbers) {
    this.#index = index;
  }

  /** Notes a copy for the next `read`. */
  add(row: number, skipBytes: number, lengthBytes: number, target: number): void {
    this.#copies.push(row, skipBytes, lengthBytes, target);
  }

  /**
   * Carries out what was noted.
   *
   * @throws {CoppiceError} CORRUPT, naming the chunk
   */
  read(into: Buffer): void {
    const copies = this.#copies;
    this.#copies = [];
    const places = new Float64Array(copies.length / 4);
    for (let copy = 0; copy < places.length; copy++) {
      const row = copies[4 * copy] as number;
      places[copy] = this.#index.pack(row) * PACK_STRIDE + this.#index.offset(row);
    }
    const order = inOrder(places);
    for (let first = 0; first < order.length; ) {
      const start = places[order[first] as number] as number;
      let end = start;
      let next = first;
      for (; next < order.length; next++) {
        const copy = order[next] as number;
        const place = places[copy] as number;
        const placeEnd = place + this.#index.lengthBytes(copies[4 * copy] as number);
        if (next > first && (place > end + GAP_BYTES_MAX || placeEnd > start + WINDOW_BYTES)) break;
        end = Math.max(end, placeEnd);
      }
      this.#readRun(copies, order.slice(first, next), places, end - start, into);
      first = next;
    }
  }

  #readRun(
    copies: readonly number[],
    run: readonly number[],
    places: Float64Array,
    lengthBytes: number,
    into: Buffer,
  ): void {
    const start = places[run[0] as number] as number;
    const pack = Math.floor(start / PACK_STRIDE);
    if (lengthBytes > this.#window.length) {
      const doubled = Math.min(2 * this.#window.length, WINDOW_BYTES);
      this.#window = Buffer.allocUnsafe(Math.max(lengthBytes, doubled));
    }
    const window = this.#window.subarray(0, lengthBytes);
    const count = this.#index.reader.readRun(pack, start % PACK_STRIDE, window);
    let checked = -1;
    for (const copy of run) {
      const row = copies[4 * copy] as number;
      const at = (places[copy] as number) - start;
      if (row !== checked) {
        const end = Math.min(count, at + this.#index.lengthBytes(row));
        this.#check(row, window.subarray(Math.min(at, end), end));
        checked = row;
      }
      const from = at + (copies[4 * copy + 1] as number);
      window.copy(
        into,
        copies[4 * copy + 3] as number,
        from,
        from + (copies[4 * copy + 2] as number),
      );
    }
  }

  /** Leaves it to the reader to say what is wrong; that nothing is, is told without making an object. */
  #check(row: number, bytes: Buffer): void {
    const isWhole = bytes.length === this.#index.lengthBytes(row);
    if (isWhole && xxh64(bytes) === this.#index.checksum(row)) return;
    this.#index.reader.check(this.#index.digest(row), this.#index.location(row), bytes);
  }
}

/** Returns the numbers of some places in the order of these. */
function inOrder(places: Float64Array): number[] {
  // An array and not a typed one: its sort makes use of what is in order already, which most is.
  const order: number[] = [];
  for (let index = 0; index < places.length; index++) order.push(index);
  return order.sort((a, b) => (places[a] as number) - (places[b] as number));
}
