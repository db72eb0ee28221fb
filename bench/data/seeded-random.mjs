/**
 * A small seeded random number generator, so that every machine makes the same data.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, fast in
 * JavaScript because it needs only 32-bit additions, shifts and one rotation.
 */

/** Steps thrown away after seeding; PractRand's author asks for 12 or more. */
const WARM_UP_STEPS = 15;

/** Reproducible random numbers and bytes from two 32-bit seeds. */
export class SeededRandom {
  #a;
  #b;
  #c = 0x9e3779b9;
  #counter = 1;

  /**
   * @param {number} seed which data set
   * @param {number} [stream] which file of it, so that files can be made in any order
   */
  constructor(seed, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    for (let step = 0; step < WARM_UP_STEPS; step += 1) this.next();
  }

  /** Returns the next integer, 0 to 2^32 - 1. */
  next() {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /**
   * Returns an integer from 0 up to, and not including, `limit`.
   * @param {number} limit at most 2^32
   */
  below(limit) {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** Returns a number of the standard normal distribution (Box and Muller). */
  gaussian() {
    const radius = Math.sqrt(-2 * Math.log((this.next() + 1) / (2 ** 32 + 1)));
    return radius * Math.cos((2 * Math.PI * this.next()) / 2 ** 32);
  }

  /**
   * Returns `sizeBytes` random bytes, which no compressor makes smaller.
   * @param {number} sizeBytes
   */
  bytes(sizeBytes) {
    return this.#fill(sizeBytes, 0xffffffff, 0);
  }

  /**
   * Returns `sizeBytes` letters from a to p: 4 bits of chance a byte, so that a compressor
   * halves them, about what it does to source text.
   * @param {number} sizeBytes
   */
  letters(sizeBytes) {
    return this.#fill(sizeBytes, 0x0f0f0f0f, 0x61616161);
  }

  /**
   * @param {number} sizeBytes
   * @param {number} mask
   * @param {number} offset
   */
  #fill(sizeBytes, mask, offset) {
    const words = new Uint32Array(Math.ceil(sizeBytes / 4));
    for (let index = 0; index < words.length; index += 1) {
      words[index] = (this.next() & mask) + offset;
    }
    return Buffer.from(words.buffer, 0, sizeBytes);
  }
}
