/**
 * Restore progress: how many entries a restore has done.
 */

/** It is told after so many at the latest. */
const ENTRIES_UNTOLD_MAX = 1_000;

export class RestoreProgress {
  readonly #onDone: (done: number) => void;
  #done = 0;
  #told = 0;

  constructor(onDone: (done: number) => void) {
    this.#onDone = onDone;
  }

  /** Counts entries that are done. */
  add(count: number): void {
    this.#done += count;
    if (this.#done - this.#told >= ENTRIES_UNTOLD_MAX) this.tell();
  }

  /** Tells how many there are. */
  tell(): void {
    this.#told = this.#done;
    this.#onDone(this.#done);
  }
}
