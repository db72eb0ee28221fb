/**
 * SHA-256, the identity of everything stored.
 */
import { hash } from "node:crypto";

/**
 * Returns the SHA-256 of some bytes as a buffer of 32 bytes.
 *
 * One call of `crypto.hash` costs about 1 µs beside the hashing itself, a third of what `createHash`
 * costs; by way of a string, because a small buffer from the pool is made quicker than one with memory
 * of its own.
 */
export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}
