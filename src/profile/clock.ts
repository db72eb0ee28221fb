/**
 * Clock: what time it is, and waiting for another one; a seam, so that tests need not wait.
 */
import { Cron } from "croner";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Returns at a time, or when the signal is aborted. */
  until(timeMs: number, signal: AbortSignal | undefined): Promise<void>;
}

/** The machine's clock. Its timers are croner's: one of Node's own could not wait for more than 24 days, and would not see the clock be set. */
export const machineClock: Clock = {
  now: Date.now,
  until: (timeMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true || timeMs <= Date.now()) {
        resolve();
        return;
      }
      const end = (): void => {
        timer.stop();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = new Cron(new Date(timeMs), end);
      signal?.addEventListener("abort", end, { once: true });
      // The moment may have passed just now.
      if (timer.nextRun() === null) end();
    }),
};
