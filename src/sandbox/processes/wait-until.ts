/**
 * Wait until: a condition that only looking again and again can tell.
 */
import { CoppiceError } from "../../model/error.js";

/** Far longer than a process waits for a disk that works. */
const GIVEN_MS = 30_000;
const TURN_MAX_MS = 16;

/**
 * Looks until something holds.
 *
 * @param action what it is for, in an error's words
 * @throws {CoppiceError} IO where it does not come to hold within half a minute
 */
export async function waitUntil(action: string, holds: () => boolean): Promise<void> {
  const startedMs = performance.now();
  for (let turnMs = 0; !holds(); turnMs = Math.min(turnMs * 2 || 1, TURN_MAX_MS)) {
    if (performance.now() - startedMs > GIVEN_MS)
      throw new CoppiceError(
        "IO",
        `Cannot ${action}: some have not obeyed for ${GIVEN_MS} ms, look for those in state D`,
      );
    await new Promise((resolve) => setTimeout(resolve, turnMs));
  }
}
