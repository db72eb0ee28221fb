/**
 * Open flags: the words of node:fs for how a file is opened, as the bits of open(2).
 */
import { constants } from "node:fs";
import { checkInt32, checkUint32, wrongType, wrongValue } from "./check-arguments.js";

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const WORDS = new Map<unknown, number>(
  Object.entries({
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
  }),
);

/** Other orders of the same letters. */
const SAME = new Map<unknown, string>(
  Object.entries({
    sr: "rs",
    "sr+": "rs+",
    xw: "wx",
    "xw+": "wx+",
    xa: "ax",
    sa: "as",
    "xa+": "ax+",
    "sa+": "as+",
  }),
);

/** Returns the bits of flags. @throws {TypeError} where they mean nothing */
export function openFlags(flags: string | number | undefined | null, fallback: string): number {
  if (typeof flags === "number") return checkInt32("flags", flags);
  const word = flags ?? fallback;
  const bits = WORDS.get(SAME.get(word) ?? word);
  if (bits === undefined) throw wrongValue("flags", word);
  return bits;
}

/**
 * Returns the permission bits of a mode, which may be octal digits.
 *
 * @param fallback where none is given; a call without one must be given a mode
 * @throws {TypeError} @throws {RangeError} where it is none
 */
export function parseMode(mode: string | number | undefined | null, fallback?: number): number {
  const given = mode ?? fallback;
  if (typeof given === "number") return checkUint32("mode", given);
  if (typeof given !== "string") throw wrongType("mode", "of type number or octal digits", given);
  if (!/^[0-7]+$/.test(given))
    throw wrongValue("mode", given, "must be a 32-bit unsigned integer or an octal string");
  return checkUint32("mode", Number.parseInt(given, 8));
}
