/**
 * A set of digests in one typed array: 32 bytes a member and no object, where a `Set` of strings costs 150.
 */
import { DIGEST_BYTES } from "../model/digest.js";

/** Most captures meet a few objects that are new. */
const INITIAL_SLOTS = 64;

/** Open addressing with linear probing; a digest is its own hash. */
export class DigestSet {
  #slots = Buffer.alloc(INITIAL_SLOTS * DIGEST_BYTES);
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
    bytes.copy(this.#slots, slot * DIGEST_BYTES, at, at + DIGEST_BYTES);
    this.#size++;
    return true;
  }

  /** Returns whether the digest that starts at an offset of some bytes is there. */
  has(bytes: Buffer, at = 0): boolean {
    return this.#used[this.#find(bytes, at)] === 1;
  }

  /** Returns the slot that holds the digest, or the free one where it belongs. */
  #find(bytes: Buffer, at: number): number {
    const mask = this.#used.length - 1;
    let slot = bytes.readUInt32LE(at) & mask;
    while (this.#used[slot] === 1) {
      const own = slot * DIGEST_BYTES;
      if (this.#slots.compare(bytes, at, at + DIGEST_BYTES, own, own + DIGEST_BYTES) === 0) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const slots = this.#slots;
    const used = this.#used;
    this.#slots = Buffer.alloc(slots.length * 2);
    this.#used = new Uint8Array(used.length * 2);
    this.#size = 0;
    for (let slot = 0; slot < used.length; slot++) {
      if (used[slot] === 1) this.add(slots, slot * DIGEST_BYTES);
    }
  }
}
