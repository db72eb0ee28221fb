/**
 * Copy list: which bytes of which chunks go where in an image, as numbers that lie flat.
 */

const INITIAL_COPIES = 1024;

export class CopyList {
  #targets = new Float64Array(INITIAL_COPIES);
  /** Row, first byte, length. */
  #sources = new Uint32Array(3 * INITIAL_COPIES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * Adds a copy.
   *
   * @param target where it goes; must not be below that of the copy before
   * @param row the chunk's number in the index
   * @param skipBytes bytes of the chunk that are left out before it
   */
  add(target: number, row: number, skipBytes: number, lengthBytes: number): void {
    if (this.#count === this.#targets.length) this.#grow();
    this.#targets[this.#count] = target;
    this.#sources.set([row, skipBytes, lengthBytes], 3 * this.#count);
    this.#count++;
  }

  target(index: number): number {
    return this.#targets[index] as number;
  }

  row(index: number): number {
    return this.#sources[3 * index] as number;
  }

  skipBytes(index: number): number {
    return this.#sources[3 * index + 1] as number;
  }

  lengthBytes(index: number): number {
    return this.#sources[3 * index + 2] as number;
  }

  #grow(): void {
    const targets = new Float64Array(2 * this.#targets.length);
    targets.set(this.#targets);
    this.#targets = targets;
    const sources = new Uint32Array(2 * this.#sources.length);
    sources.set(this.#sources);
    this.#sources = sources;
  }
}
