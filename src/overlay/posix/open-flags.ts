/**
 * Open flags: the words of node:fs for how a file is opened, as the bits of open(2).
 */
import { constants } from "node:fs";
import { checkInteger, wrongValue } from "./check-argument.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const WORDS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  "r+": O_RDWR,
  "rs+": O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  "w+": O_TRUNC | O_CREAT | O_RDWR,
  "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  "a+": O_APPEND | O_CREAT | O_RDWR,
  "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "as+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/** Other orders of the same letters. */
const SAME: Readonly<Record<string, string>> = {
  sr: "rs",
  "sr+": "rs+",
  xw: "wx",
  "xw+": "wx+",
  xa: "ax",
  sa: "as",
  "xa+": "ax+",
  "sa+": "as+",
};

/** Returns the bits of flags. @throws {TypeError} where they mean nothing */
export function openFlags(flags: string | number | undefined | null, fallback: string): number {
  if (typeof flags === "number") return flags;
  const word = flags ?? fallback;
  const bits = WORDS[SAME[word] ?? word];
  if (bits !== undefined) return bits;
  throw wrongValue("flags", "is invalid", word);
}

/**
 * Returns the permission bits of a mode, which may be octal digits.
 *
 * @param fallback where it is left out; else it must not be
 * @throws {TypeError | RangeError} where it is none
 */
export function parseMode(mode: string | number | undefined | null, fallback?: number): number {
  const given = mode ?? fallback;
  if (typeof given === "string" && !/^[0-7]+$/.test(given))
    throw wrongValue("mode", "must be a 32-bit unsigned integer or an octal string", given);
  const bits = typeof given === "string" ? Number.parseInt(given, 8) : given;
  checkInteger(bits, "mode", [0, 0xffff_ffff]);
  return bits;
}
