/**
 * Content addresses: `sha256:<64 hex digits>` at the border, 32 bytes inside.
 */
import { CoppiceError } from "./error.js";

/** Bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32;

/** A content address as people and programs see it, `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** 32 zero bytes: stands for "no object" in the formats, and is never the digest of one. */
export const NO_DIGEST: Buffer = Buffer.alloc(DIGEST_BYTES);

/**
 * Returns the border form of a digest.
 *
 * @param bytes 32 bytes
 */
export function formatDigest(bytes: Uint8Array): Digest {
  return `sha256:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/**
 * Returns the 32 bytes of a digest.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT when the text is no digest
 */
export function parseDigest(text: string): Buffer {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) {
    throw new CoppiceError(
      "INVALID_ARGUMENT",
      `Cannot read digest ${JSON.stringify(text)}: it is not "sha256:" and 64 lower-case hexadecimal digits`,
    );
  }
  return Buffer.from(text.slice(7), "hex");
}
