/**
 * Ids, of snapshots, workspaces and whatever else has one: random, so that the first few characters already tell them apart.
 */
import { randomBytes } from "node:crypto";

/** Crockford's base 32 in lower case: no i, l, o, u, that are taken for other characters. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 16;

/** Returns a new id: 16 characters, 80 random bits. */
export function newId(): string {
  if (used + LENGTH > random.length) {
    random = randomBytes(RANDOM_BYTES);
    used = 0;
  }
  let id = "";
  for (const end = used + LENGTH; used < end; used++) id += ALPHABET[random[used]! & 31];
  return id;
}

/** Asked for at once: to ask takes longer than to make them. */
const RANDOM_BYTES = 64 * LENGTH;
let random: Buffer = Buffer.alloc(0);
let used = 0;
