/**
 * Image UUID: what tells file systems apart, as 16 bytes (RFC 9562).
 */

const PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns the bytes of a UUID.
 *
 * @throws {TypeError} unless it is one
 */
export function parseUuid(text: string): Buffer {
  if (!PATTERN.test(text)) {
    throw new TypeError(
      `Cannot use uuid ${JSON.stringify(text)}: give 8-4-4-4-12 hexadecimal digits`,
    );
  }
  return Buffer.from(text.replaceAll("-", ""), "hex");
}

/** Returns a UUID as text, in lower case. */
export function formatUuid(bytes: Buffer): string {
  const digits = bytes.toString("hex");
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([start, end]) => digits.slice(start, end))
    .join("-");
}

/** Returns the UUID of what a digest names: version 8, which leaves all other bits to who makes it. */
export function uuidOfDigest(digest: Buffer): Buffer {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}
