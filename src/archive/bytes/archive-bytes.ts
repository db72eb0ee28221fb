/**
 * Archive bytes: an archive's bytes as they come, from wherever, and as they are once expanded. What comes is read as it is
 * used, a few pieces ahead.
 */
import { createReadStream } from "node:fs";
import { CoppiceError } from "../../model/error.js";
import { archiveDamaged, archiveTooLarge } from "../archive-error.js";
import type { ArchiveSource, UnpackLimits, UnpackReport } from "../unpack-options.js";
import { gunzip } from "./gunzip.js";

/** Bytes that a file is read by. */
const READ_BYTES = 512 * 1024;
/** Of what a compressed archive expands to, these are not counted for the ratio: a small archive of zeros is no attack. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024;
/** As many as tell a compression. */
const MAGIC_BYTES = 10;

/** What is known of the bytes so far. */
export interface ArchiveCounts {
  compression: UnpackReport["compression"];
  archiveBytes: number;
  bytes: number;
}

/**
 * Yields an archive's bytes, expanded, within limits.
 *
 * @param counts kept up to date
 * @throws {CoppiceError} ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE, UNSUPPORTED
 */
export async function* archiveBytes(
  source: ArchiveSource,
  limits: Pick<Required<UnpackLimits>, "maxBytes" | "maxRatio" | "maxWindowBytes">,
  counts: ArchiveCounts,
): AsyncGenerator<Uint8Array, void> {
  const { first, all } = await withFirst(counted(pieces(source), counts));
  counts.compression = compressionOf(first);
  for await (const piece of await expanded(all, counts.compression, limits.maxWindowBytes)) {
    counts.bytes += piece.length;
    if (counts.bytes > limits.maxBytes)
      throw archiveTooLarge("maxBytes", "has more bytes", limits.maxBytes);
    const max = limits.maxRatio * counts.archiveBytes;
    if (counts.compression !== "none" && counts.bytes > Math.max(RATIO_FREE_BYTES, max))
      throw archiveTooLarge("maxRatio", "expands to more times its size", limits.maxRatio);
    yield piece;
  }
}

/** Whether an archive can be read a second time. */
export function isRepeatable(source: ArchiveSource): boolean {
  return typeof source === "string" || source instanceof Uint8Array;
}

/** @throws {TypeError} where it is no source */
function pieces(source: ArchiveSource): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof source === "string") return createReadStream(source, { highWaterMark: READ_BYTES });
  if (source instanceof Uint8Array) return parts(source);
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
    if (typeof (source as ReadableStream).getReader === "function") return webPieces(source);
  }
  throw new TypeError(
    `Cannot unpack archive: give a path, bytes, or a stream of bytes, not ${source === null ? "null" : typeof source}`,
  );
}

/** Others get their turn, and limits are looked at, between parts. */
function* parts(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_BYTES) yield bytes.subarray(at, at + READ_BYTES);
}

/** Of implementations whose streams cannot be iterated. */
async function* webPieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}

async function* counted(
  source: AsyncIterable<unknown> | Iterable<unknown>,
  counts: ArchiveCounts,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of source) {
    if (!(piece instanceof Uint8Array))
      throw new TypeError(`Cannot unpack archive: its stream gives ${typeof piece}, not bytes`);
    counts.archiveBytes += piece.length;
    yield piece;
  }
}

/** Returns the first bytes, and all of them. */
async function withFirst(
  source: AsyncGenerator<Uint8Array, void>,
): Promise<{ first: Buffer; all: AsyncGenerator<Uint8Array, void> }> {
  const read: Uint8Array[] = [];
  for (let bytes = 0; bytes < MAGIC_BYTES; ) {
    const next = await source.next();
    if (next.done === true) break;
    read.push(next.value);
    bytes += next.value.length;
  }
  const all = async function* () {
    try {
      yield* read;
      yield* source;
    } finally {
      await source.return();
    }
  };
  return { first: Buffer.concat(read).subarray(0, MAGIC_BYTES), all: all() };
}

/** What an archive may be compressed with, by its first bytes, in hexadecimal. */
const MAGICS: readonly { readonly magic: RegExp; readonly name: string; readonly tool?: string }[] =
  [
    { magic: /^1f8b/, name: "gzip" },
    // The second one is of frames to be skipped (RFC 8878, 3.1.2).
    { magic: /^(28b52ffd|5.2a4d18)/, name: "zstd" },
    { magic: /^fd377a585a00/, name: "xz", tool: "xz -dc" },
    { magic: /^425a683[1-9]314159265359/, name: "bzip2", tool: "bzip2 -dc" },
    { magic: /^04224d18/, name: "lz4", tool: "lz4 -dc" },
    { magic: /^504b0304/, name: "zip", tool: "unzip" },
    { magic: /^377abcaf271c/, name: "7z", tool: "7z x" },
  ];

function compressionOf(first: Buffer): UnpackReport["compression"] {
  const known = MAGICS.find(({ magic }) => magic.test(first.toString("hex")));
  if (known === undefined) return "none";
  if (known.tool === undefined) return known.name as UnpackReport["compression"];
  throw new CoppiceError(
    "UNSUPPORTED",
    `Cannot read archive: it is ${known.name}, not a tar archive, plain or in gzip or zstd; expand it with ${known.tool} first`,
  );
}

async function expanded(
  source: AsyncGenerator<Uint8Array, void>,
  compression: UnpackReport["compression"],
  windowBytesMax: number,
): Promise<AsyncIterable<Uint8Array>> {
  switch (compression) {
    case "gzip":
      return gunzip(source, (cause) => archiveDamaged("is no gzip, or cut off", undefined, cause));
    case "zstd":
      return (await import("./unzstd.js")).unzstd(source, windowBytesMax);
    default:
      return source;
  }
}
