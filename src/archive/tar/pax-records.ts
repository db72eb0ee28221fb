/**
 * Pax records: what an extended header (type x or g) has in its body.
 *
 *     record  = length " " keyword "=" value "\n"
 *     length  = decimal: the bytes of the whole record, itself and the newline counted
 *     keyword = any bytes but "=" and NUL
 *     value   = any bytes; none at all takes back what the header, or a global record, says
 *
 * Source: POSIX.1-2017, pax, "pax Extended Header".
 */

/** The bytes of the longest number of a length, with the space. */
const LENGTH_BYTES_MAX = 8;

export interface PaxRecord {
  /** As Latin-1. */
  readonly keyword: string;
  /** A view. */
  readonly value: Buffer;
}

/**
 * Yields the records of a body.
 *
 * @param damaged returns the error for what is no record
 */
export function* paxRecords(
  body: Buffer,
  damaged: (state: string) => Error,
): Generator<PaxRecord, void> {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits =
      space < 0 || space - at >= LENGTH_BYTES_MAX ? "" : body.toString("latin1", at, space);
    const end = at + Number(digits);
    // The least record is "5 a=\n".
    if (!/^[1-9][0-9]*$/.test(digits) || end < space + 4 || end > body.length)
      throw damaged("has an extended header with a record of an impossible length");
    const equals = body.indexOf(0x3d, space + 1);
    if (body[end - 1] !== 0x0a || equals <= space + 1 || equals >= end - 1)
      throw damaged("has an extended header with a record that is none");
    const keyword = body.toString("latin1", space + 1, equals);
    if (keyword.includes("\0")) throw damaged("has an extended header with a NUL in a keyword");
    yield { keyword, value: body.subarray(equals + 1, end - 1) };
    at = end;
  }
}

/** Returns the whole number that a value is in decimal, `undefined` where it is none that can be told exactly. */
export function paxNumber(value: Buffer): number | undefined {
  const text = value.toString("latin1");
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Returns the moment that a value is: decimal seconds, perhaps negative, perhaps with a fraction, of which nine digits count. */
export function paxTime(
  value: Buffer,
): { readonly seconds: number; readonly nanoseconds: number } | undefined {
  if (value.length > 64) return undefined;
  const match = /^(-?)([0-9]+)(?:\.([0-9]*))?$/.exec(value.toString("latin1"));
  if (match === null) return undefined;
  const [, sign, whole, fraction = ""] = match;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (!Number.isSafeInteger(seconds)) return undefined;
  if (sign === "") return { seconds, nanoseconds };
  // Nanoseconds are counted upwards from the second below. What is beyond the ninth digit makes it earlier still.
  const isBeyond = /[1-9]/.test(fraction.slice(9));
  const below = nanoseconds + (isBeyond ? 1 : 0);
  return below === 0
    ? { seconds: -seconds || 0, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - below };
}
