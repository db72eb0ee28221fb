/**
 * Refusal: why a call on an overlay cannot be carried out, and the error that node:fs would throw for it.
 */
import { getSystemErrorMap } from "node:util";

/** The names of errors (errno(3)) that calls on overlays have. */
export type Errno =
  | "EACCES"
  | "EBADF"
  | "EBUSY"
  | "EEXIST"
  | "EFBIG"
  | "EINVAL"
  | "EISDIR"
  | "ELOOP"
  | "ENAMETOOLONG"
  | "ENOENT"
  | "ENOSYS"
  | "ENOTDIR"
  | "ENOTEMPTY"
  | "ENXIO"
  | "EPERM";

/** What a call was about, as an error tells it. */
export interface CallSubject {
  readonly syscall: string;
  readonly path?: string | undefined;
  readonly dest?: string | undefined;
}

/** Thrown where a call finds that it cannot be carried out; who made the call gets the error of `explain`. */
class Refusal extends Error {
  readonly errno: Errno;

  constructor(errno: Errno) {
    super(errno);
    this.errno = errno;
  }
}

/** Ends a call. */
export function refuse(errno: Errno): never {
  throw refusal(errno);
}

/** Returns what ends a call, to be thrown. No stack is taken: programs ask for what is not there all the time. */
export function refusal(errno: Errno): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new Refusal(errno);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const NUMBERS = new Map(
  [...getSystemErrorMap()].map(([number, [name, text]]) => [name, { number, text }]),
);

/** Returns the error that node:fs throws for a refusal; others come back as they are. */
export function explain(error: unknown, { syscall, path, dest }: CallSubject): unknown {
  if (!(error instanceof Refusal)) return error;
  const { errno: code } = error;
  const { number, text } = NUMBERS.get(code) ?? { number: 0, text: "unknown error" };
  const where = path === undefined ? "" : ` '${path}'`;
  const to = dest === undefined ? "" : ` -> '${dest}'`;
  return Object.assign(new Error(`${code}: ${text}, ${syscall}${where}${to}`), {
    errno: number,
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
    ...(dest === undefined ? {} : { dest }),
  });
}

/** Returns the errno of a refusal, or `undefined` for other errors. */
export function errnoOf(error: unknown): Errno | undefined {
  return error instanceof Refusal ? error.errno : undefined;
}

/** Does something, and throws what node:fs would throw where it is refused. */
export function calling<T>(subject: CallSubject, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw explain(error, subject);
  }
}
