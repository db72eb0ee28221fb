/**
 * Unzstd: zstd's frames, one after the other. By node:zlib where it has zstd (Node.js 22.15), in its threads; else by fzstd, in
 * this one. Either gets what zstd-frames has looked at.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import type { Decompress } from "fzstd";
import { xxh64State } from "../../hash/xxh64.js";
import { archiveDamaged } from "../archive-error.js";
import { InputQueue } from "./input-queue.js";
import type { ZstdFrame, ZstdPart } from "./zstd-frames.js";
import { zstdParts } from "./zstd-frames.js";

/** Bytes of the pieces that come out. */
const PIECE_BYTES = 1024 * 1024;

/** What node:zlib has from Node.js 22.15 on. */
type ZstdOfNode = typeof zlib & {
  readonly createZstdDecompress?: (options: object) => NodeJS.ReadWriteStream & {
    destroy(): void;
  };
  readonly constants: { readonly ZSTD_d_windowLogMax: number };
};

/**
 * Yields what zstd's frames expand to.
 *
 * @param windowBytesMax memory that a frame may want
 * @throws {CoppiceError} ARCHIVE_DAMAGED, ARCHIVE_TOO_LARGE
 */
export function unzstd(
  source: AsyncIterable<Uint8Array>,
  windowBytesMax: number,
): AsyncGenerator<Uint8Array, void> {
  const { createZstdDecompress } = zlib as ZstdOfNode;
  const parts = partsOf(source, windowBytesMax);
  return createZstdDecompress === undefined ? byFzstd(parts) : byNode(parts, windowBytesMax);
}

async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  windowBytesMax: number,
): AsyncGenerator<ZstdPart[], void> {
  const input = new InputQueue();
  const parts = zstdParts(input, windowBytesMax);
  const ready = () => {
    const found: ZstdPart[] = [];
    for (;;) {
      const { value, done } = parts.next();
      if (done === true || value === undefined) return found;
      found.push(value);
    }
  };
  for await (const piece of source) {
    input.push(piece);
    yield ready();
  }
  input.end();
  yield ready();
}

/** One expander for each frame: what follows the first one in what it is given, node:zlib leaves out. */
async function* byNode(
  parts: AsyncIterable<ZstdPart[]>,
  windowBytesMax: number,
): AsyncGenerator<Uint8Array, void> {
  const windowLog = Math.min(31, Math.max(10, Math.ceil(Math.log2(windowBytesMax))));
  const each = eachOf(parts);
  try {
    for (let next = await each.next(); next.done !== true; next = await each.next())
      if (next.value.kind === "frame") yield* frameByNode(next.value.frame, each, windowLog);
  } finally {
    await each.return();
  }
}

async function* frameByNode(
  { header }: ZstdFrame,
  parts: AsyncGenerator<ZstdPart, void>,
  windowLog: number,
): AsyncGenerator<Uint8Array, void> {
  const { createZstdDecompress, constants } = zlib as ZstdOfNode;
  const params = { [constants.ZSTD_d_windowLogMax]: windowLog };
  const expand = createZstdDecompress!({ chunkSize: PIECE_BYTES, params });
  let failure: { readonly error: unknown } | undefined;
  const bytes = Readable.from(bytesOf(header, parts), { objectMode: false });
  const fed = pipeline(bytes, expand).catch((error) => {
    failure = { error };
  });
  try {
    yield* expand as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw /^(Z|ZSTD)_/.test(String(code)) ? noZstd(error) : error;
  } finally {
    expand.destroy();
    await fed;
  }
  if (failure !== undefined) throw failure.error;
}

/** Yields the bytes of a frame, and leaves the parts behind it. */
async function* bytesOf(
  header: Buffer,
  parts: AsyncGenerator<ZstdPart, void>,
): AsyncGenerator<Buffer, void> {
  yield header;
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const part = next.value;
    if (part.kind === "block") yield part.bytes;
    if (part.kind !== "end") continue;
    if (part.checksum.length > 0) yield part.checksum;
    return;
  }
}

async function* eachOf(parts: AsyncIterable<ZstdPart[]>): AsyncGenerator<ZstdPart, void> {
  for await (const some of parts) yield* some;
}

async function* byFzstd(parts: AsyncIterable<ZstdPart[]>): AsyncGenerator<Uint8Array, void> {
  const fzstd = await import("fzstd");
  let frame: FrameExpander | undefined;
  for await (const some of parts) {
    for (const part of some) {
      if (part.kind === "frame") frame = new FrameExpander(part.frame, fzstd.Decompress);
      else if (part.kind === "end") frame!.end(part.checksum);
      else yield* frame!.expand(part.bytes, part.isLast);
    }
  }
}

/** Expands one frame. fzstd looks at no checksums and no sizes. */
class FrameExpander {
  readonly #frame: ZstdFrame;
  readonly #expander: Decompress;
  readonly #hash = xxh64State();
  #pending: Buffer;
  #out: Uint8Array[] = [];
  #bytes = 0;

  constructor(frame: ZstdFrame, expander: typeof Decompress) {
    this.#frame = frame;
    this.#expander = new expander((bytes) => this.#out.push(bytes));
    // Its checksum is not handed on.
    this.#pending = Buffer.from(frame.header);
    this.#pending[4] = (this.#pending[4] as number) & ~4;
  }

  expand(block: Buffer, isLast: boolean): Uint8Array[] {
    this.#out = [];
    try {
      this.#expander.push(new Uint8Array(Buffer.concat([this.#pending, block])), isLast);
    } catch (error) {
      throw noZstd(error);
    }
    this.#pending = NO_BYTES;
    for (const bytes of this.#out) {
      this.#bytes += bytes.length;
      if (this.#frame.hasChecksum) this.#hash.update(bytes);
    }
    return this.#out;
  }

  end(checksum: Buffer): void {
    const { contentBytes, hasChecksum } = this.#frame;
    if (contentBytes !== undefined && contentBytes !== this.#bytes)
      throw archiveDamaged("is zstd that expands to another size than it says");
    if (hasChecksum && checksum.readUInt32LE(0) !== Number(this.#hash.digest() & 0xffff_ffffn))
      throw archiveDamaged("is zstd whose checksum does not fit it");
  }
}

const NO_BYTES = Buffer.alloc(0);

function noZstd(cause: unknown): Error {
  return archiveDamaged("is no zstd, or cut off", undefined, cause);
}
