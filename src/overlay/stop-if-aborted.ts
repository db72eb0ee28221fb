/**
 * Stop if aborted: the end of a call whose signal says so, with the error of node:fs.
 */

/** @throws {Error} ABORT_ERR where a signal was aborted */
export function stopIfAborted(options: unknown): void {
  if (typeof options !== "object" || options === null || !("signal" in options)) return;
  const signal = options.signal as AbortSignal | undefined;
  if (signal?.aborted !== true) return;
  const error = new Error("The operation was aborted", { cause: signal.reason });
  throw Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
}
