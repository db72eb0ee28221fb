/**
 * Names of files that are about to replace others. A crash may leave one; the next restore removes it,
 * since no snapshot has it.
 */
import { randomBytes } from "node:crypto";

/** Returns a name that no file has: `.coppice-` and 16 hexadecimal digits. */
export function temporaryName(): string {
  return `.coppice-${randomBytes(8).toString("hex")}`;
}
