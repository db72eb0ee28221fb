/**
 * Is damage: what a failed look at stored bytes says of them.
 */
import { formatDigest } from "../../model/digest.js";
import { CoppiceError } from "../../model/error.js";
import { isUnreadable } from "../../model/system-failure.js";

/** Returns whether an error says that something is damaged, or cannot be read: not that this process could not look. */
export function isDamage(error: unknown): boolean {
  return (error instanceof CoppiceError && error.code === "CORRUPT") || isUnreadable(error);
}

/**
 * Reads a chunk, of which it is damage that it cannot be read.
 *
 * @throws {CoppiceError} CORRUPT then too
 */
export function readOrDamaged<T>(digest: Buffer, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const text = formatDigest(digest);
    throw new CoppiceError(
      "CORRUPT",
      `Cannot read chunk ${text}: ${(error as Error).message}, look at the disk`,
      { cause: error },
    );
  }
}
