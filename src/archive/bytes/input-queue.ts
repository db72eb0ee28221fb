/**
 * Input queue: bytes that came in and were not read yet. Who reads is a generator, which yields until there are enough; who
 * feeds it pushes more, and never more than was asked for and one piece.
 */

/** Pieces below this are put together: a source that yields single bytes must not cost a hundred bytes for each. */
const SMALL_BYTES = 4096;
const GATHERED_BYTES = 65_536;

export class InputQueue {
  #pieces: Buffer[] = [];
  /** The piece that is read, and from where. */
  #first = 0;
  #offset = 0;
  #available = 0;
  #position = 0;
  #isEnded = false;
  #isShort = false;
  /** Memory of the last piece into which small ones go. */
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;

  /** Bytes that can be read now. */
  get available(): number {
    return this.#available;
  }

  /** Bytes that were read so far. */
  get position(): number {
    return this.#position;
  }

  /** Whether there will be no more than what is there. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether somebody waits for more than is there. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Adds bytes, which stay the caller's and must not change until they are read. */
  push(bytes: Uint8Array): void {
    this.#isShort = false;
    if (bytes.length === 0) return;
    this.#available += bytes.length;
    if (bytes.length < SMALL_BYTES) {
      this.#gather(bytes);
      return;
    }
    this.#gathered = undefined;
    this.#pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#isShort = false;
    this.#isEnded = true;
  }

  /** Returns whether so many bytes are there; where they are not, more is wanted. */
  has(count: number): boolean {
    if (this.#available >= count) return true;
    this.#isShort = !this.#isEnded;
    return false;
  }

  /** Waits until so many bytes are there, and returns whether they are: not where the end comes first. */
  *need(count: number): Generator<void, boolean> {
    while (!this.has(count)) {
      if (this.#isEnded) return false;
      yield;
    }
    return true;
  }

  /** Reads bytes that are there; a view where they came in one piece. */
  take(count: number): Buffer {
    const piece = this.#pieces[this.#first];
    if (piece !== undefined && piece.length - this.#offset >= count) {
      const bytes = piece.subarray(this.#offset, this.#offset + count);
      this.#advance(count);
      return bytes;
    }
    const bytes = Buffer.allocUnsafe(count);
    this.copyTo(bytes, 0, count);
    return bytes;
  }

  /** Reads bytes that are there into some memory. */
  copyTo(target: Uint8Array, start: number, count: number): void {
    for (let done = 0; done < count; ) {
      const piece = this.#pieces[this.#first] as Buffer;
      const length = Math.min(count - done, piece.length - this.#offset);
      target.set(piece.subarray(this.#offset, this.#offset + length), start + done);
      done += length;
      this.#advance(length);
    }
  }

  /** Leaves bytes unread, and returns whether they were there. */
  *skip(count: number): Generator<void, boolean> {
    let left = count;
    while (left > 0) {
      const length = Math.min(left, this.#available);
      this.#drop(length);
      left -= length;
      if (left > 0 && !(yield* this.need(1))) return false;
    }
    return true;
  }

  #drop(count: number): void {
    for (let left = count; left > 0; ) {
      const piece = this.#pieces[this.#first] as Buffer;
      const length = Math.min(left, piece.length - this.#offset);
      left -= length;
      this.#advance(length);
    }
  }

  /** Within the first piece. */
  #advance(count: number): void {
    this.#offset += count;
    this.#available -= count;
    this.#position += count;
    if (this.#offset < (this.#pieces[this.#first] as Buffer).length) return;
    // What small pieces are gathered in may still grow.
    if (this.#first === this.#pieces.length - 1) this.#gathered = undefined;
    this.#first++;
    this.#offset = 0;
    if (this.#first < 64 && this.#first < this.#pieces.length) return;
    this.#pieces.splice(0, this.#first);
    this.#first = 0;
  }

  #gather(bytes: Uint8Array): void {
    if (this.#gathered === undefined || this.#gatheredBytes + bytes.length > GATHERED_BYTES) {
      this.#gathered = Buffer.allocUnsafe(GATHERED_BYTES);
      this.#gatheredBytes = 0;
      this.#pieces.push(this.#gathered.subarray(0, 0));
    }
    this.#gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
    this.#pieces[this.#pieces.length - 1] = this.#gathered.subarray(0, this.#gatheredBytes);
  }
}
