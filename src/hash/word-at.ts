/**
 * Word at: a little-endian number of 32 bits in some bytes. As `readUInt32LE`, which looks at its arguments and takes twice as long:
 * for what is done with every chunk.
 */
export function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! + bytes[at + 1]! * 2 ** 8 + bytes[at + 2]! * 2 ** 16 + bytes[at + 3]! * 2 ** 24;
}
