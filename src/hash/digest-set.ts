/**
 * A set of digests in one typed array: 32 bytes a member and no object, where a `Set` of strings costs 150.
 */
import { DIGEST_BYTES } from "../model/digest.js";

const INITIAL_SLOTS = 1024;

/** Open addressing with linear probing; a digest is its own hash. */
export class DigestSet {
  #slots = Buffer.alloc(INITIAL_SLOTS * DIGEST_BYTES);
  #used = new Uint8Array(INITIAL_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a digest; returns whether it was not there before. */
  add(digest: Buffer): boolean {
    if (this.#size * 2 >= this.#used.length) this.#grow();
    const slot = this.#find(digest);
    if (this.#used[slot] === 1) return false;
    this.#used[slot] = 1;
    digest.copy(this.#slots, slot * DIGEST_BYTES);
    this.#size++;
    return true;
  }

  has(digest: Buffer): boolean {
    return this.#used[this.#find(digest)] === 1;
  }

  /** Returns the slot that holds the digest, or the free one where it belongs. */
  #find(digest: Buffer): number {
    const mask = this.#used.length - 1;
    let slot = digest.readUInt32LE(0) & mask;
    while (this.#used[slot] === 1) {
      const at = slot * DIGEST_BYTES;
      if (digest.compare(this.#slots, at, at + DIGEST_BYTES) === 0) break;
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
      if (used[slot] === 1)
        this.add(slots.subarray(slot * DIGEST_BYTES, (slot + 1) * DIGEST_BYTES));
    }
  }
}
