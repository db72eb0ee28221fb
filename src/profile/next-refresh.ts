/**
 * Next refresh: when a profile is to be made anew.
 */
import { Cron } from "croner";

/**
 * Returns the time at which a refresh is due, in milliseconds; `undefined` where there is none any more.
 *
 * @param refreshEvery milliseconds, or a cron expression: five fields, or six with seconds in front; in local time
 * @param afterMs when the last job was queued
 * @throws {TypeError} where the expression is none
 */
export function nextRefresh(refreshEvery: number | string, afterMs: number): number | undefined {
  if (typeof refreshEvery === "number") return afterMs + refreshEvery;
  try {
    return new Cron(refreshEvery, { paused: true }).nextRun(new Date(afterMs))?.getTime();
  } catch (error) {
    throw new TypeError(
      `Cannot use refreshEvery ${JSON.stringify(refreshEvery)}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
