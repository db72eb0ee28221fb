/**
 * Errors across threads: a structured clone keeps neither class nor code.
 */

import type { CoppiceErrorCode } from "../model/error.js";
import { CoppiceError } from "../model/error.js";

/** An error as plain data. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly syscall: string | undefined;
  readonly path: string | undefined;
  readonly digest: string | undefined;
  readonly cause: PlainError | undefined;
}

export function toPlainError(error: unknown): PlainError {
  const {
    name = "Error",
    message = String(error),
    stack,
    code,
    syscall,
    path,
    digest,
    cause,
  } = error as Partial<Error & { code: string; syscall: string; path: string; digest: string }>;
  return {
    name,
    message,
    stack,
    code,
    syscall,
    path,
    digest,
    cause: cause === undefined ? undefined : toPlainError(cause),
  };
}

export function fromPlainError(plain: PlainError): Error {
  const cause = plain.cause === undefined ? undefined : fromPlainError(plain.cause);
  if (plain.name === "CoppiceError") {
    return new CoppiceError(plain.code as CoppiceErrorCode, plain.message, {
      ...(cause === undefined ? {} : { cause }),
      ...(plain.path === undefined ? {} : { path: plain.path }),
      ...(plain.digest === undefined ? {} : { digest: plain.digest }),
    });
  }
  const error = Object.assign(new Error(plain.message, { cause }), {
    name: plain.name,
    code: plain.code,
    syscall: plain.syscall,
    path: plain.path,
  });
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
