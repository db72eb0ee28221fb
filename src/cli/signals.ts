/**
 * Signals: the first one asks the running operation to stop, the second ends the process at once. An
 * operation registers nothing before it commits, so both are safe.
 */
import { constants } from "node:os";
import { EXIT } from "./exit-codes.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let received: NodeJS.Signals | undefined;

/** A request to end, as an operation sees it. */
interface Interruption {
  readonly signal: AbortSignal;
  /** Lets signals end the process as usual again. */
  readonly stop: () => void;
}

/**
 * Turns requests of the user or the system to end the process into an abort. Before this is called,
 * and so in commands that only read, such a request ends the process as usual.
 *
 * @param onAbort is called before, for instance to tell the user
 */
export function abortOnSignals(onAbort: () => void): Interruption {
  const controller = new AbortController();
  const listener = (name: NodeJS.Signals): void => {
    if (received !== undefined) process.exit(EXIT.signal + constants.signals[name]);
    received = name;
    onAbort();
    controller.abort(new Error(`Received ${name}`));
  };
  for (const name of SIGNALS) process.on(name, listener);
  return {
    signal: controller.signal,
    stop() {
      for (const name of SIGNALS) process.off(name, listener);
    },
  };
}

/** Returns the exit code for the signal that was received, if one was. */
export function signalExitCode(): number | undefined {
  return received === undefined ? undefined : EXIT.signal + constants.signals[received];
}
