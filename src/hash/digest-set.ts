/**
 * A set of digests in one typed array: 32 bytes a member and no object, where a `Set` of strings costs 150.
 */
import { DIGEST_BYTES } from "../model/digest.js";
import { wordAt } from "./word-at.js";

/** Most captures meet a few objects that are new. */
const INITIAL_SLOTS = 64;
const DIGEST_WORDS = DIGEST_BYTES / 4;

/** Open addressing with linear probing; a digest is its own hash. */
export class DigestSet {
  /** As words: to compare or copy so few bytes by a call takes three times as long. */
  #slots = new Uint32Array(INITIAL_SLOTS * DIGEST_WORDS);
  #used = new Uint8Array(INITIAL_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * Adds the digest that starts at an offset of some bytes.
   *
   * @returns whether it was not there before
   */
  add(bytes: Buffer, at = 0): boolean {
    if (this.#size * 2 >= this.#used.length) this.#grow();
    const slot = this.#find(bytes, at);
    if (this.#used[slot] === 1) return false;
    this.#used[slot] = 1;
    for (let word = 0; word < DIGEST_WORDS; word++)
      this.#slots[slot * DIGEST_WORDS + word] = wordAt(bytes, at + word * 4);
    this.#size++;
    return true;
  }

  /** Returns whether the digest that starts at an offset of some bytes is there. */
  has(bytes: Buffer, at = 0): boolean {
    return this.#used[this.#find(bytes, at)] === 1;
  }

  /** Yields all of them, in no order. */
  *[Symbol.iterator](): Generator<Buffer, void> {
    const slots = this.#slots;
    for (const [slot, isUsed] of this.#used.entries()) {
      if (isUsed !== 1) continue;
      const digest = Buffer.allocUnsafe(DIGEST_BYTES);
      for (let word = 0; word < DIGEST_WORDS; word++)
        digest.writeUInt32LE(slots[slot * DIGEST_WORDS + word]!, word * 4);
      yield digest;
    }
  }

  /** Returns the slot that holds the digest, or the free one where it belongs. */
  #find(bytes: Buffer, at: number): number {
    const mask = this.#used.length - 1;
    let slot = wordAt(bytes, at) & mask;
    while (this.#used[slot] === 1 && !this.#isAt(slot, bytes, at)) slot = (slot + 1) & mask;
    return slot;
  }

  #isAt(slot: number, bytes: Buffer, at: number): boolean {
    for (let word = 0; word < DIGEST_WORDS; word++)
      if (this.#slots[slot * DIGEST_WORDS + word] !== wordAt(bytes, at + word * 4)) return false;
    return true;
  }

  #grow(): void {
    const slots = this.#slots;
    const used = this.#used;
    this.#slots = new Uint32Array(slots.length * 2);
    this.#used = new Uint8Array(used.length * 2);
    const mask = this.#used.length - 1;
    for (let slot = 0; slot < used.length; slot++) {
      if (used[slot] !== 1) continue;
      const from = slot * DIGEST_WORDS;
      let target = slots[from]! & mask;
      while (this.#used[target] === 1) target = (target + 1) & mask;
      this.#used[target] = 1;
      for (let word = 0; word < DIGEST_WORDS; word++)
        this.#slots[target * DIGEST_WORDS + word] = slots[from + word]!;
    }
  }
}
