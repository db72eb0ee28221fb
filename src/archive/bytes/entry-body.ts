/**
 * Entry body: the bytes of a file in an archive, as they come in. They are read once, from the front; where the file has
 * holes, these take nothing.
 */
import type { ByteSource } from "../../scan/content-reader.js";
import type { InputQueue } from "./input-queue.js";

/**
 * Where the data of a file with holes lies in it: pairs of offset and length, in order, which do not overlap. Their lengths
 * add up to what the archive has of it.
 */
export type Segments = Float64Array;

export class EntryBody implements ByteSource {
  /** Of the file, with its holes. */
  readonly sizeBytes: number;
  /** Whether the archive tells of holes. */
  readonly isSparse: boolean;
  readonly #input: InputQueue;
  readonly #segments: Segments;
  readonly #onCut: () => Error;
  /** The segment in which the next byte lies, or behind which, and how much of it was read. */
  #segment = 0;
  #readBytes = 0;
  /** What is left in the archive. */
  #storedLeft: number;

  /**
   * @param storedBytes how many the archive has
   * @param onCut returns the error where it ends before that
   */
  constructor(
    input: InputQueue,
    storedBytes: number,
    onCut: () => Error,
    sparse?: { readonly sizeBytes: number; readonly segments: Segments },
  ) {
    this.#input = input;
    this.#storedLeft = storedBytes;
    this.#onCut = onCut;
    this.isSparse = sparse !== undefined;
    this.sizeBytes = sparse?.sizeBytes ?? storedBytes;
    this.#segments = sparse?.segments ?? Float64Array.of(0, storedBytes);
  }

  /** Bytes that the archive has and that were not read. */
  get storedLeft(): number {
    return this.#storedLeft;
  }

  /** Waits until all of a small file is there. @throws {Error} where the archive ends before that */
  *whenWhole(): Generator<void, void> {
    if (!(yield* this.#input.need(this.#storedLeft))) throw this.#onCut();
  }

  /** Reads all of a file without holes that is there; a view, where it came in one piece. */
  takeWhole(): Buffer {
    const bytes = this.#input.take(this.#storedLeft);
    this.#storedLeft = 0;
    return bytes;
  }

  /** What the archive tells of holes, for another body of the same bytes. */
  get sparse(): { readonly sizeBytes: number; readonly segments: Segments } | undefined {
    return this.isSparse ? { sizeBytes: this.sizeBytes, segments: this.#segments } : undefined;
  }

  /**
   * Copies what is there of what the archive has, without holes, and returns how many bytes; waits for one at least.
   *
   * @throws {Error} where the archive ends before that
   */
  *copyStored(target: Buffer, start: number): Generator<void, number> {
    if (!(yield* this.#input.need(1))) throw this.#onCut();
    const count = Math.min(this.#input.available, this.#storedLeft, target.length - start);
    this.#input.copyTo(target, start, count);
    this.#storedLeft -= count;
    return count;
  }

  isReady(position: number, count: number): boolean {
    if (this.#input.has(this.#storedIn(position, position + count))) return true;
    if (this.#input.isEnded) throw this.#onCut();
    return false;
  }

  read(target: Buffer, start: number, end: number, position: number): number {
    const count = Math.max(0, Math.min(end - start, this.sizeBytes - position));
    const segments = this.#segments;
    for (let done = 0; done < count; ) {
      const at = position + done;
      const offset = segments[this.#segment] ?? Number.POSITIVE_INFINITY;
      const length = segments[this.#segment + 1] ?? 0;
      const left = length - this.#readBytes;
      if (at < offset + this.#readBytes) {
        const hole = Math.min(count - done, offset - at);
        target.fill(0, start + done, start + done + hole);
        done += hole;
      } else if (left === 0) {
        this.#segment += 2;
        this.#readBytes = 0;
      } else {
        const data = Math.min(count - done, left);
        this.#input.copyTo(target, start + done, data);
        this.#readBytes += data;
        this.#storedLeft -= data;
        done += data;
      }
    }
    return count;
  }

  dataFrom(position: number): number {
    for (let index = this.#segment; index < this.#segments.length; index += 2) {
      const offset = this.#segments[index]!;
      if (offset + this.#segments[index + 1]! > position) return Math.max(offset, position);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Returns how many of the bytes in a part of the file the archive has. */
  #storedIn(start: number, end: number): number {
    let sum = 0;
    for (let index = this.#segment; index < this.#segments.length; index += 2) {
      const offset = this.#segments[index]!;
      if (offset >= end) break;
      const segmentEnd = Math.min(end, offset + this.#segments[index + 1]!);
      sum += Math.max(0, segmentEnd - Math.max(offset, start));
    }
    return sum;
  }
}
