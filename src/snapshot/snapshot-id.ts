/**
 * Snapshot ids: random, so that the first few characters already tell snapshots apart.
 */
import { randomBytes } from "node:crypto";

/** Crockford's base 32 in lower case: no i, l, o, u, that are taken for other characters. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 16;

/** Returns a new id: 16 characters, 80 random bits. */
export function newSnapshotId(): string {
  let id = "";
  for (const byte of randomBytes(LENGTH)) id += ALPHABET[byte & 31];
  return id;
}
