/**
 * Blocking port: a worker's side of its channel, for code that is synchronous from end to end. It
 * waits for a message without going back to the event loop, which file calls by the ten thousand
 * never do.
 */

import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort } from "node:worker_threads";

/** Posts, and receives in the order of posting; see `wake` for the other side. */
export class BlockingPort<In, Out> {
  readonly #port: MessagePort;
  readonly #wakeups: Int32Array;

  /** @param wakeups one shared counter that the other side raises with each message */
  constructor(port: MessagePort, wakeups: SharedArrayBuffer) {
    this.#port = port;
    this.#wakeups = new Int32Array(wakeups);
  }

  post(message: Out, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Returns the next message; blocks the thread until there is one. */
  receive(): In {
    for (;;) {
      const seen = Atomics.load(this.#wakeups, 0);
      const received = receiveMessageOnPort(this.#port) as { message: In } | undefined;
      if (received !== undefined) return received.message;
      Atomics.wait(this.#wakeups, 0, seen);
    }
  }
}

/** Wakes a thread that waits on its blocking port; to be called after each message to it. */
export function wake(wakeups: SharedArrayBuffer): void {
  const counter = new Int32Array(wakeups);
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
}
