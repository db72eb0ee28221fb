/** Errors of system calls in the shape that `node:fs` gives them. */

import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import type { SystemPath } from "./system-path.js";

/**
 * Returns an error like those that `node:fs` throws: `code` is the symbol, `errno` the negated
 * number, `syscall` the name of the call and `path`, where there is one, the path as text
 * (bytes that are not UTF-8 become U+FFFD).
 *
 * @param errno The positive number that the C library reported.
 */
export function systemError(
  errno: number,
  syscall: string,
  path?: SystemPath,
): NodeJS.ErrnoException {
  const [code, description] = describe(errno);
  const pathText = path?.toString();
  const target = pathText === undefined ? "" : ` '${pathText}'`;
  const error: NodeJS.ErrnoException = new Error(`${code}: ${description}, ${syscall}${target}`);
  error.errno = -errno;
  error.code = code;
  error.syscall = syscall;
  if (pathText !== undefined) {
    error.path = pathText;
  }
  return error;
}

/**
 * Names an error number: libuv knows most of them, the system headers the rest (ENOATTR and the
 * like).
 */
function describe(errno: number): readonly [code: string, description: string] {
  const known = getSystemErrorMap().get(-errno);
  if (known !== undefined) {
    return known;
  }
  const named = Object.entries(constants.errno).find(([, number]) => number === errno);
  return [named?.[0] ?? "UNKNOWN", `system error ${errno}`];
}
