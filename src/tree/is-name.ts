/**
 * Is name: whether bytes can be a name in a directory.
 */

/** Returns whether bytes are a name, or none: what they are joined to stays where it is. */
export function isName(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === 0 || bytes[index] === 0x2f) return false;
  }
  return bytes[0] !== 0x2e || (bytes.length > 1 && (bytes.length > 2 || bytes[1] !== 0x2e));
}
