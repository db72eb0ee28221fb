/**
 * Stop if aborted: the end of a call whose signal says so, with the error of node:fs.
 */

import { wrongType } from "./posix/check-arguments.js";

/** @throws {Error} ABORT_ERR where a signal was aborted @throws {TypeError} where it is none */
export function stopIfAborted(options: unknown): void {
  if (typeof options !== "object" || options === null || !("signal" in options)) return;
  const { signal } = options;
  if (signal === undefined) return;
  // Those of other realms are no instances of this one's class.
  if (typeof signal !== "object" || signal === null || !("aborted" in signal))
    throw wrongType("options.signal", "an instance of AbortSignal", signal);
  const { aborted, reason } = signal as AbortSignal;
  if (!aborted) return;
  const error = new Error("The operation was aborted", { cause: reason });
  throw Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
}
