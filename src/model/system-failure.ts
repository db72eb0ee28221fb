/**
 * What the operating system's refusals mean in the library's terms.
 */

import type { CoppiceErrorCode } from "./error.js";
import { CoppiceError } from "./error.js";

const CODES: Readonly<Record<string, CoppiceErrorCode>> = {
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  ENOENT: "NOT_FOUND",
  ENOTDIR: "NOT_A_DIRECTORY",
};

const REMEDIES: Readonly<Record<string, string>> = {
  DISK_FULL: "free space and try again",
  NOT_FOUND: "check the path",
  NOT_A_DIRECTORY: "give a directory",
  IO: "see the cause",
};

/**
 * Returns the coded error for a failed system call; errors of other kinds come back as they are.
 *
 * @param action what could not be done, as in `capture /srv/app`
 */
export function explainSystemError(error: unknown, action: string): unknown {
  const { code, syscall, message, path } = error as Partial<NodeJS.ErrnoException>;
  if (
    error instanceof CoppiceError ||
    code === undefined ||
    (syscall === undefined && !(code in CODES))
  )
    return error;
  const known = CODES[code] ?? "IO";
  return new CoppiceError(known, `Cannot ${action}: ${message ?? code}, ${REMEDIES[known] ?? ""}`, {
    cause: error,
    ...(path === undefined ? {} : { path }),
  });
}

/** For want of rights, descriptors or memory, or since it was interrupted. */
const NOT_OF_THE_BYTES = ["EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"];

/** Returns whether a read failed because of what it was to read (EIO, for instance): another attempt would fail as well. */
export function isUnreadable(error: unknown): boolean {
  const isTold = error instanceof CoppiceError;
  if (isTold && error.code !== "IO") return false;
  const reason = isTold ? error.cause : error;
  const { code, syscall } = (reason ?? {}) as Partial<NodeJS.ErrnoException>;
  return code !== undefined && syscall !== undefined && !NOT_OF_THE_BYTES.includes(code);
}

/**
 * Returns the error for an operation whose signal was aborted.
 *
 * @param state what was left behind, as in `nothing was registered`
 */
export function abortError(signal: AbortSignal, action: string, state: string): CoppiceError {
  return new CoppiceError("ABORTED", `Cannot ${action}: it was aborted, ${state}`, {
    cause: signal.reason,
  });
}

/**
 * Returns the error for an operation that failed, or that its signal ended.
 *
 * @param action as for `explainSystemError`
 * @param state as for `abortError`
 */
export function explainFailure(
  error: unknown,
  action: string,
  signal: AbortSignal | undefined,
  state: string,
): unknown {
  return signal?.aborted === true
    ? abortError(signal, action, state)
    : explainSystemError(error, action);
}
