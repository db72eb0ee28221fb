import { setTimeout } from "node:timers/promises";
import { identities } from "./listing.js";

/** What the engine grants the clock of a file system: twice a jiffy and more. */
const tickNs = 60_000_000n;

/**
 * Returns once the clock has passed every change in a directory, so that a capture may trust what it saw
 * then. The kernel's clock cannot be replaced; this waits for it, for as long as it takes.
 */
export async function clockPasses(directory: string): Promise<void> {
  const changes = [...identities(directory).values()].map(({ ctimeNs }) => ctimeNs);
  const last = changes.reduce((a, b) => (a > b ? a : b));
  while (BigInt(Date.now()) * 1_000_000n < last + tickNs) await setTimeout(5);
}
