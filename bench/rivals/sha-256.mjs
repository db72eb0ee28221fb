/**
 * SHA-256 alone, by node:crypto: no program to keep anything with, but what each check that computes digests
 * has to do beside all else.
 */
import { fileURLToPath } from "node:url";

const HASH = fileURLToPath(new URL("sha-256-call.mjs", import.meta.url));

/** The bytes shared out to all cores, at the rate of one that works alone: what targets are about. */
export const sha256 = hasher({
  name: "sha-256",
  summary: "the digest of as many bytes as Coppice looks at: a core's time for its share of them",
  threads: 1,
});

/** The same, measured with all cores at work: they share memory and cache. */
export const sha256Threads = hasher({
  name: "sha-256-threads",
  summary: "the same, each core hashing its share while the others hash theirs",
  threads: 0,
});

/**
 * @param {object} variant
 * @param {string} variant.name
 * @param {string} variant.summary
 * @param {number} variant.threads how many hash at once; 0 for one on each core
 * @returns {import("./rival.mjs").Rival}
 */
function hasher({ name, summary, threads }) {
  return {
    name,
    summary,
    durability: "nothing is stored",
    install: "part of Node.js",
    version: () => `OpenSSL ${process.versions.openssl}`,
    keepsHistory: false,
    timesItself: true,
    prepare: () => [],
    hash: (bytes) => [{ argv: [process.execPath, HASH, String(bytes), String(threads)] }],
  };
}
