/**
 * Blocking port: a worker's side of its channel, for code that is synchronous from end to end. It
 * waits for a message without going back to the event loop, which file calls by the ten thousand
 * never do.
 *
 * Beside the messages the two sides share two words. One counts messages, so that waiting costs
 * nothing; the other tells the thread to stop. A thread stops itself and is never ended by force: one
 * that is ended while it loads native code takes the whole process with it.
 */

import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort } from "node:worker_threads";
import type { Posted } from "./posted.js";

const MESSAGES = 0;
const STOP = 1;

/** The words that both sides of a channel share. */
export type Signals = Int32Array<SharedArrayBuffer>;

/** The thread was told to stop; what it was doing is no longer wanted. */
class StoppedError extends Error {
  constructor() {
    super("The thread was told to stop");
  }
}

/** Posts, and receives in the order of posting; see `wake` and `stop` for the other side. */
export class BlockingPort<In, Out> {
  readonly #port: MessagePort;
  readonly #signals: Signals;

  constructor(port: MessagePort, signals: Signals) {
    this.#port = port;
    this.#signals = signals;
  }

  post(message: Out, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /**
   * Returns the next message; blocks the thread until there is one.
   *
   * @throws {StoppedError}
   */
  receive(): Posted<In> {
    for (;;) {
      const seen = Atomics.load(this.#signals, MESSAGES);
      this.throwIfStopped();
      const received = receiveMessageOnPort(this.#port) as { message: Posted<In> } | undefined;
      if (received !== undefined) return received.message;
      Atomics.wait(this.#signals, MESSAGES, seen);
    }
  }

  /** Throws a `StoppedError` once the other side wants the thread to stop; for long work to ask now and then. */
  throwIfStopped(): void {
    if (Atomics.load(this.#signals, STOP) !== 0) throw new StoppedError();
  }
}

/** Returns the words for a new channel. */
export function createSignals(): Signals {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Wakes a thread that waits on its blocking port; to be called after each message to it. */
export function wake(signals: Signals): void {
  Atomics.add(signals, MESSAGES, 1);
  Atomics.notify(signals, MESSAGES);
}

/** Tells a thread to stop when it next waits or asks. */
export function stop(signals: Signals): void {
  Atomics.store(signals, STOP, 1);
  wake(signals);
}
