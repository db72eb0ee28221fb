/**
 * Capture bundle: an archive becomes two snapshots, one of what is in it, one of its bytes.
 *
 *     bytes ─┬─> store.import: files
 *            ├─> an overlay's file `bundle`
 *            └─> SHA-256
 *
 * It is read once, piece by piece, each when the import wants it: no more of it is in memory than a piece, and what an overlay keeps
 * there.
 */
import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { ArchiveSource, OverlayFileHandle } from "../index.js";
import type { Digest } from "../model/digest.js";
import { explainSystemError } from "../model/system-failure.js";
import type { Captured } from "./captured.js";
import type { RegistryLimits } from "./registry-limits.js";
import { requireSize } from "./registry-limits.js";
import type { RegistryStore } from "./registry-store.js";
import type { UploadOptions } from "./upload-options.js";
import { BUNDLE_FILE } from "./version-table.js";

/** Of a bundle that is a file or bytes, what is read at once. */
const PIECE_BYTES = 256 * 1024;

/** What of an upload is for the import. */
const IMPORT_OPTIONS = [
  "limits",
  "devices",
  "links",
  "owner",
  "caseCollisions",
  "signal",
  "onProgress",
] as const;

/** @throws {CoppiceError} LIMIT_EXCEEDED, and as `Store.import` does */
export async function captureBundle(
  store: RegistryStore,
  source: ArchiveSource,
  options: UploadOptions,
  limits: RegistryLimits,
  labels: Readonly<Record<string, string>>,
): Promise<Captured> {
  const given = IMPORT_OPTIONS.filter((key) => options[key] !== undefined);
  const importOptions = Object.fromEntries(given.map((key) => [key, options[key]]));
  const overlay = store.overlay();
  try {
    const file = await overlay.open(BUNDLE_FILE, "w");
    const copy = new BundleCopy(file, createHash("sha256"), (sizeBytes) =>
      requireSize(options.name, sizeBytes, limits),
    );
    const { snapshot } = await store.import(copy.pieces(source), { ...importOptions, labels });
    await file.close();
    options.signal?.throwIfAborted();
    const { snapshot: bundle } = await overlay.snapshot({ labels });
    return { snapshot, bundle, digest: copy.digest(), sizeBytes: copy.sizeBytes };
  } finally {
    await overlay.discard();
  }
}

/** Copies what passes by. */
class BundleCopy {
  readonly #file: OverlayFileHandle;
  readonly #hash: Hash;
  readonly #requireSize: (sizeBytes: number) => void;
  #sizeBytes = 0;

  constructor(file: OverlayFileHandle, hash: Hash, requireSize: (sizeBytes: number) => void) {
    this.#file = file;
    this.#hash = hash;
    this.#requireSize = requireSize;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest("hex")}`;
  }

  async *pieces(source: ArchiveSource): AsyncGenerator<Uint8Array> {
    for await (const piece of open(source)) {
      this.#sizeBytes += piece.length;
      this.#requireSize(this.#sizeBytes);
      this.#hash.update(piece);
      await this.#file.write(piece);
      yield piece;
    }
  }
}

/** Returns a bundle's bytes, piece by piece. */
function open(source: ArchiveSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof source === "string") return readFile(resolve(source));
  return source instanceof Uint8Array ? pieces(source) : source;
}

async function* readFile(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE_BYTES });
  } catch (error) {
    throw explainSystemError(error, `read bundle ${path}`);
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES)
    yield bytes.subarray(start, start + PIECE_BYTES);
}
