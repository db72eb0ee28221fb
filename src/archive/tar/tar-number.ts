/**
 * Tar number: the numbers of a header. Octal digits as POSIX.1 has them, or GNU's base-256: a first byte of 0x80 and then the
 * number, big-endian, or a first byte of 0xff and then a negative one as a two's complement (GNU tar manual, "Basic Tar Format").
 */

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/**
 * Returns the number in a field: 0 where it is blank, `undefined` where it is none, or none that can be told exactly.
 *
 * Spaces and NULs may stand before it. What ends it is a space, a NUL or the field's end; behind a NUL there may be anything,
 * as all readers have it, behind a space only spaces and NULs.
 */
export function tarNumber(block: Buffer, start: number, end: number): number | undefined {
  const first = block[start] as number;
  if (first >= 0x80) return binary(block, start, end);
  let at = start;
  while (at < end && (block[at] === SPACE || block[at] === 0)) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = block[at] as number;
    if (digit < ZERO || digit > SEVEN) break;
    value = value * 8 + (digit - ZERO);
  }
  if (at < end && block[at] !== SPACE && block[at] !== 0) return undefined;
  while (at < end && block[at] === SPACE) at++;
  // 12 octal digits are 36 bits: no number is too large.
  return at === end || block[at] === 0 ? value : undefined;
}

function binary(block: Buffer, start: number, end: number): number | undefined {
  const sign = block[start] as number;
  if (sign !== 0x80 && sign !== 0xff) return undefined;
  let value = sign === 0xff ? -1n : 0n;
  for (let at = start + 1; at < end; at++) value = (value << 8n) | BigInt(block[at] as number);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
