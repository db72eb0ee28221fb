/**
 * Recent bytes: byte strings by digest, as many of those that came last as fit into a fixed memory. No object is kept for
 * any of them, so that the collector has nothing to look at, and to find one costs 0.3 µs.
 *
 * They lie one behind the other in a ring:
 *
 * | offset | size | what |
 * | ---: | ---: | --- |
 * | 0 | 32 | digest |
 * | 32 | 4 | length |
 * | 36 | | the bytes |
 *
 * The ring has positions that only grow; their remainders are where in the memory they lie. What lies further back than the
 * memory is long was written over. Where something begins is said by one of two slots, which its digest chooses; that is a
 * hint, and the digest in the ring decides.
 */
import { DIGEST_BYTES } from "../model/digest.js";

const HEADER_BYTES = DIGEST_BYTES + 4;

export class RecentBytes {
  readonly #ringBytes: number;
  readonly #slotCount: number;
  /** Made with the first bytes; the kernel gives memory to what of it was written to. */
  #ring: Buffer | undefined;
  #begins: Float64Array = NO_SLOTS;
  /** Where the next one begins. */
  #head: number;

  /**
   * @param ringBytes memory of the ring, in which each string takes 36 bytes more than it has
   * @param slotCount a power of two, of 8 bytes each: some four for each string make that hardly one is not found
   */
  constructor(ringBytes: number, slotCount: number) {
    this.#ringBytes = ringBytes;
    this.#slotCount = slotCount;
    // Slots begin as zero, which is further back than anything.
    this.#head = 2 * ringBytes;
  }

  /** Returns the bytes of a digest, or `undefined`: a view that is right until others are added. */
  get(digest: Buffer): Buffer | undefined {
    const ring = this.#ring;
    if (ring === undefined) return undefined;
    let at = this.#find(ring, digest, this.#firstSlot(digest));
    if (at < 0) at = this.#find(ring, digest, this.#secondSlot(digest));
    if (at < 0) return undefined;
    const start = at + HEADER_BYTES;
    return ring.subarray(start, start + ring.readUInt32LE(start - 4));
  }

  /** Adds bytes in the place of others of that digest. They are copied; others may go. More than fit are not added. */
  add(digest: Buffer, bytes: Uint8Array): void {
    const length = HEADER_BYTES + bytes.length;
    if (length > this.#ringBytes) return;
    const ring = (this.#ring ??= this.#make());
    const room = this.#ringBytes - (this.#head % this.#ringBytes);
    // Nothing lies around the end.
    if (length > room) this.#head += room;
    const at = this.#head % this.#ringBytes;
    const slot = this.#slotFor(ring, digest);
    ring.set(digest, at);
    ring.writeUInt32LE(bytes.length, at + DIGEST_BYTES);
    ring.set(bytes, at + HEADER_BYTES);
    this.#begins[slot] = this.#head;
    this.#head += length;
  }

  #make(): Buffer {
    this.#begins = new Float64Array(this.#slotCount);
    return Buffer.allocUnsafeSlow(this.#ringBytes);
  }

  #firstSlot(digest: Buffer): number {
    return digest.readUInt32LE(0) & (this.#slotCount - 1);
  }

  #secondSlot(digest: Buffer): number {
    return digest.readUInt32LE(4) & (this.#slotCount - 1);
  }

  /** Returns the slot that the digest has, so that it never has both, or else the one that is free. */
  #slotFor(ring: Buffer, digest: Buffer): number {
    const first = this.#firstSlot(digest);
    const second = this.#secondSlot(digest);
    if (this.#find(ring, digest, first) >= 0) return first;
    if (this.#find(ring, digest, second) >= 0) return second;
    return this.#isThere(first) ? second : first;
  }

  #isThere(slot: number): boolean {
    return (this.#begins[slot] as number) + this.#ringBytes >= this.#head;
  }

  /** Returns where in the memory the digest's string begins, or -1. */
  #find(ring: Buffer, digest: Buffer, slot: number): number {
    if (!this.#isThere(slot)) return -1;
    const at = (this.#begins[slot] as number) % this.#ringBytes;
    return ring.compare(digest, 0, DIGEST_BYTES, at, at + DIGEST_BYTES) === 0 ? at : -1;
  }
}

const NO_SLOTS = new Float64Array(0);
