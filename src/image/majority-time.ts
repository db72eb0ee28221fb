/**
 * Majority time: the mtime that more than half of all inodes have, if there is one, in one pass and without a table
 * (Boyer and Moore's majority vote). Package managers give all files one mtime, and an inode with the image's own mtime
 * takes half the space.
 */
import type { CompactTime } from "./inode-codec.js";

export class MajorityTime {
  #seconds = 0;
  #nanoseconds = 0;
  #votes = 0;

  add(seconds: number, nanoseconds: number): void {
    if (this.#votes === 0) {
      this.#seconds = seconds;
      this.#nanoseconds = nanoseconds;
    }
    this.#votes += seconds === this.#seconds && nanoseconds === this.#nanoseconds ? 1 : -1;
  }

  /** Some time that was added where none has a majority; 1970 where none was added. */
  get found(): CompactTime {
    return { mtimeSeconds: this.#seconds, mtimeNanoseconds: this.#nanoseconds };
  }
}
