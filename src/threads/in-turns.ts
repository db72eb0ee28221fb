/**
 * In turns: long work of the calling thread, written as a generator that yields where others may get their turn.
 */

/** How long the event loop waits for its turn, milliseconds. */
const TURN_MS = 10;

/** Does one piece of work after the other while the event loop goes on. */
export type Turns = <T>(work: Generator<void, T>) => Promise<T>;

/**
 * Does some work while the event loop goes on.
 *
 * @param check called at each yield; what it throws ends the work, which cleans up after itself
 */
export function inTurns<T>(work: Generator<void, T>, check?: () => void): Promise<T> {
  return turns(check)(work);
}

/**
 * Returns what does several pieces of work, each as `inTurns` does: small ones share a turn.
 *
 * @param check called at each yield; what it throws ends the work, which cleans up after itself
 */
export function turns(check?: () => void): Turns {
  let turnEnd = performance.now() + TURN_MS;
  return async (work) => {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      try {
        check?.();
      } catch (error) {
        work.return(undefined as never);
        throw error;
      }
      if (performance.now() < turnEnd) continue;
      await new Promise(setImmediate);
      turnEnd = performance.now() + TURN_MS;
    }
  };
}

/** Does some work at once. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
