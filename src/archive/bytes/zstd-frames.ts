/**
 * Zstd frames: where in a zstd archive frames and their blocks begin and end, without expanding them. What an expander would
 * take on trust is looked at here: how much memory a frame wants, that nothing else lies between frames, that it ends.
 *
 *     archive = (frame | skippable)*
 *     frame   = magic 28b52ffd, header, block*, checksum
 *     header  = descriptor 1, window 0 or 1, dictionary 0, 1, 2 or 4, content size 0, 1, 2, 4 or 8
 *               descriptor: bits 0 and 1 which dictionary, 2 whether there is a checksum, 3 zero, 5 whether there is no window
 *               since the content's size is enough, 6 and 7 how long that is
 *               window: bits 3 to 7 an exponent e, 0 to 2 a mantissa m; 2^(10 + e) / 8 * (8 + m) bytes
 *     block   = 3 bytes, little-endian: bit 0 whether it is the last one, 1 and 2 its type, from 3 on its size
 *               types: 0 as it is, 1 one byte so many times, 2 compressed
 *     skippable = magic 5?2a4d18, length 4, so many bytes
 *
 * Source: RFC 8878, 3.1.
 */
import { archiveDamaged, archiveTooLarge } from "../archive-error.js";
import type { InputQueue } from "./input-queue.js";

const FRAME_MAGIC = 0xfd2f_b528;
const SKIPPABLE_MAGIC = 0x184d_2a50;
/** RFC 8878, 3.1.1.2.4: what a block expands to at most. */
const BLOCK_BYTES_MAX = 128 * 1024;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/** A frame's header. */
export interface ZstdFrame {
  readonly header: Buffer;
  /** What it expands to, where it says so. */
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** A part of a frame: its header, a block, or the end. Buffers last until the next part is asked for. */
export type ZstdPart =
  | { readonly kind: "frame"; readonly frame: ZstdFrame }
  | { readonly kind: "block"; readonly bytes: Buffer; readonly isLast: boolean }
  | { readonly kind: "end"; readonly checksum: Buffer };

/**
 * Yields the parts of all frames; nothing where more bytes are needed.
 *
 * @param windowBytesMax memory that a frame may want
 */
export function* zstdParts(
  input: InputQueue,
  windowBytesMax: number,
): Generator<ZstdPart | undefined, void> {
  while (yield* input.need(1) as Generator<undefined, boolean>) {
    const magic = (yield* take(input, 4)).readUInt32LE(0);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE_MAGIC) {
      const lengthBytes = (yield* take(input, 4)).readUInt32LE(0);
      if (!(yield* input.skip(lengthBytes) as Generator<undefined, boolean>)) throw cutOff();
      continue;
    }
    if (magic !== FRAME_MAGIC) throw archiveDamaged("has something else than zstd between frames");
    yield* frameParts(input, windowBytesMax);
  }
}

function* frameParts(
  input: InputQueue,
  windowBytesMax: number,
): Generator<ZstdPart | undefined, void> {
  const descriptor = (yield* take(input, 1))[0] as number;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] || (isSingle ? 1 : 0);
  const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3] as number;
  const rest = yield* take(input, (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes);
  if ((descriptor & 8) !== 0) throw archiveDamaged("is zstd of a kind that is not known");
  const sizeAt = rest.length - sizeBytes;
  if (rest.subarray(sizeAt - dictionaryBytes, sizeAt).some((byte) => byte !== 0))
    throw archiveDamaged("is zstd with a dictionary, which is not there");
  const contentBytes = contentBytesOf(rest, sizeAt, sizeBytes);
  const windowBytes = isSingle ? (contentBytes as number) : windowBytesOf(rest[0] as number);
  if (windowBytes > windowBytesMax)
    throw archiveTooLarge("maxWindowBytes", "is zstd that takes more memory", windowBytesMax);
  const hasChecksum = (descriptor & 4) !== 0;
  const header = Buffer.concat([MAGIC, Buffer.of(descriptor), rest]);
  yield { kind: "frame", frame: { header, contentBytes, hasChecksum } };
  const blockBytesMax = Math.min(BLOCK_BYTES_MAX, windowBytes);
  for (let isLast = false; !isLast; ) {
    if (!(yield* input.need(3) as Generator<undefined, boolean>)) throw cutOff();
    const head = Buffer.from(input.take(3));
    const blockHeader = head.readUIntLE(0, 3);
    isLast = (blockHeader & 1) !== 0;
    const type = (blockHeader >> 1) & 3;
    const blockBytes = blockHeader >> 3;
    if (type === 3 || blockBytes > blockBytesMax)
      throw archiveDamaged("has an impossible zstd block");
    const body = yield* take(input, type === 1 ? 1 : blockBytes);
    yield { kind: "block", bytes: Buffer.concat([head, body]), isLast };
  }
  yield { kind: "end", checksum: yield* take(input, hasChecksum ? 4 : 0) };
}

const MAGIC = Buffer.from("28b52ffd", "hex");

function* take(input: InputQueue, count: number): Generator<undefined, Buffer> {
  if (!(yield* input.need(count) as Generator<undefined, boolean>)) throw cutOff();
  return input.take(count);
}

function contentBytesOf(bytes: Buffer, at: number, length: number): number | undefined {
  switch (length) {
    case 0:
      return undefined;
    case 1:
      return bytes[at];
    case 2:
      return bytes.readUInt16LE(at) + 256;
    case 4:
      return bytes.readUInt32LE(at);
    default:
      return Number(bytes.readBigUInt64LE(at));
  }
}

function windowBytesOf(window: number): number {
  return (2 ** (10 + (window >> 3)) / 8) * (8 + (window & 7));
}

function cutOff(): Error {
  return archiveDamaged("is zstd that is cut off");
}
