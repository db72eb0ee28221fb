/**
 * Copy options: what cp takes, and whether it was given that.
 */
import { checkBooleans, checkOptions, checkThreeBits, wrongType } from "./check-arguments.js";

/** How something is copied, as by fs.cp. */
export interface CopyOptions {
  /** Whether directories are copied, with all that is in them. @default false */
  readonly recursive?: boolean | undefined;
  /** Whether what is there is replaced. @default true */
  readonly force?: boolean | undefined;
  /** Whether it is an error that something is there, where it is not replaced: a file, a directory. @default false */
  readonly errorOnExist?: boolean | undefined;
  /** Whether what a symbolic link leads to is copied in its place. @default false */
  readonly dereference?: boolean | undefined;
  /** Whether copies get the times of what they are of. @default false */
  readonly preserveTimestamps?: boolean | undefined;
  /** Whether relative links stay relative; else they become absolute. @default false */
  readonly verbatimSymlinks?: boolean | undefined;
  /** As the mode of copyFile; bytes are shared whatever it says. @default 0 */
  readonly mode?: number | undefined;
}

/** Fails where options are not of their types, or exclude each other. @throws {TypeError} @throws {RangeError} */
export function checkCopyOptions(options: CopyOptions & { readonly filter?: unknown }): void {
  checkOptions(options);
  checkBooleans(options, [
    "dereference",
    "errorOnExist",
    "force",
    "preserveTimestamps",
    "recursive",
    "verbatimSymlinks",
  ]);
  checkThreeBits("mode", options.mode);
  if (options.dereference === true && options.verbatimSymlinks === true) {
    const message =
      'Option "dereference" cannot be used in combination with option "verbatimSymlinks"';
    throw Object.assign(new TypeError(message), { code: "ERR_INCOMPATIBLE_OPTION_PAIR" });
  }
  if (options.filter !== undefined && typeof options.filter !== "function")
    throw wrongType("options.filter", "of type function", options.filter);
}

/** Returns what a filter answered. @throws {TypeError} where that is a promise, which nobody can wait for here */
export function checkAnswer(answer: boolean | Promise<boolean>): boolean {
  if (!(answer instanceof Promise)) return answer;
  const message = 'Expected boolean to be returned from the "filter" function but got a promise';
  throw Object.assign(new TypeError(message), { code: "ERR_INVALID_RETURN_VALUE" });
}
