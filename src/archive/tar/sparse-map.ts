/**
 * Sparse map: where the data of a file with holes lies, in the four forms that GNU tar has had.
 *
 *     old GNU   type S: in the header and in blocks that follow it. In each block 21 times an offset and a length of 12
 *               bytes each, then at 504 whether another block follows
 *     pax 0.0   records GNU.sparse.offset and GNU.sparse.numbytes by turns, GNU.sparse.numblocks times
 *     pax 0.1   one record GNU.sparse.map: decimal numbers with commas between them
 *     pax 1.0   GNU.sparse.major=1, GNU.sparse.minor=0: in the body, before the data: decimal numbers, each with a newline,
 *               first how many pairs there are; padded to whole blocks
 *
 * Source: GNU tar manual, "Storing Sparse Files".
 */
import type { Segments } from "../bytes/entry-body.js";
import type { InputQueue } from "../bytes/input-queue.js";
import { BLOCK_BYTES, isZeroBlock } from "./tar-header.js";
import { tarNumber } from "./tar-number.js";

/** Pairs in a map: 16 MB of memory. A file of a terabyte in pieces of a mebibyte has as many. */
const PAIRS_MAX = 1_000_000;
const PAIR_BYTES = 24;
const DIGITS_MAX = 16;

type Damaged = (state: string) => Error;

/**
 * Returns the segments of a map.
 *
 * @param pairs offset and length by turns
 * @param storedBytes of the data in the archive
 * @param sizeBytes of the file
 */
export function checkedSegments(
  pairs: readonly number[],
  storedBytes: number,
  sizeBytes: number,
  damaged: Damaged,
): Segments {
  if (pairs.length % 2 !== 0) throw damaged("has a sparse map with an offset and no length");
  const segments: number[] = [];
  let end = 0;
  let sum = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const offset = pairs[index]!;
    const length = pairs[index + 1]!;
    if (offset < end) throw damaged("has a sparse map whose parts overlap");
    end = offset + length;
    sum += length;
    if (!(end <= sizeBytes)) throw damaged("has a sparse map that goes beyond the file");
    // The last one may be empty: it tells the size.
    if (length > 0) segments.push(offset, length);
  }
  if (sum !== storedBytes)
    throw damaged(`has a sparse map of ${sum} bytes where the archive has ${storedBytes}`);
  return Float64Array.from(segments);
}

/** Returns the pairs of an old GNU header, and reads the blocks that follow it. */
export function* readOldPairs(
  header: Buffer,
  input: InputQueue,
  damaged: Damaged,
): Generator<void, number[]> {
  const pairs: number[] = [];
  let isMore = addOldPairs(header, 386, 4, pairs, damaged);
  while (isMore) {
    if (!(yield* input.need(BLOCK_BYTES))) throw damaged("is cut off in its sparse map");
    const block = input.take(BLOCK_BYTES);
    if (isZeroBlock(block)) throw damaged("has an empty block in its sparse map");
    isMore = addOldPairs(block, 0, 21, pairs, damaged);
  }
  return pairs;
}

/** Returns whether another block follows. */
function addOldPairs(
  block: Buffer,
  start: number,
  count: number,
  pairs: number[],
  damaged: Damaged,
): boolean {
  const end = start + count * PAIR_BYTES;
  for (let at = start; at < end && block[at + 12] !== 0; at += PAIR_BYTES) {
    pairs.push(
      checked(tarNumber(block, at, at + 12), damaged),
      checked(tarNumber(block, at + 12, at + PAIR_BYTES), damaged),
    );
    if (pairs.length > 2 * PAIRS_MAX) throw tooMany(damaged);
  }
  return block[end] !== 0;
}

/** Returns the pairs of a record GNU.sparse.map. */
export function mapPairs(map: Buffer, damaged: Damaged): number[] {
  if (map.length === 0) return [];
  return map
    .toString("latin1")
    .split(",")
    .map((digits) => decimal(digits, damaged));
}

/**
 * Reads the pairs before the data of a file of pax 1.0.
 *
 * @param storedBytes of the body, with the map
 * @returns the pairs, and how many bytes they took
 */
export function* readPairs(
  input: InputQueue,
  storedBytes: number,
  damaged: Damaged,
): Generator<void, { pairs: number[]; mapBytes: number }> {
  const numbers: number[] = [];
  let wanted = 1;
  let rest = "";
  let mapBytes = 0;
  while (numbers.length < wanted) {
    mapBytes += BLOCK_BYTES;
    if (mapBytes > storedBytes) throw damaged("has a sparse map that goes beyond its bytes");
    if (!(yield* input.need(BLOCK_BYTES))) throw damaged("is cut off in its sparse map");
    const lines = (rest + input.take(BLOCK_BYTES).toString("latin1")).split("\n");
    rest = lines.pop() as string;
    for (const digits of lines) {
      if (numbers.length === wanted) break;
      numbers.push(decimal(digits, damaged));
      if (numbers.length === 1) wanted += 2 * numbers[0]!;
      if (wanted > 2 * PAIRS_MAX) throw tooMany(damaged);
    }
    if (numbers.length < wanted && rest.length > DIGITS_MAX) throw noNumber(damaged);
  }
  return { pairs: numbers.slice(1), mapBytes };
}

/** Returns the number that digits are. */
export function decimal(digits: string, damaged: Damaged): number {
  if (digits.length > DIGITS_MAX || !/^[0-9]+$/.test(digits)) throw noNumber(damaged);
  return checked(Number(digits), damaged);
}

function checked(value: number | undefined, damaged: Damaged): number {
  if (value === undefined || value < 0 || !Number.isSafeInteger(value)) throw noNumber(damaged);
  return value;
}

function noNumber(damaged: Damaged): Error {
  return damaged("has a sparse map with something that is no offset and no length");
}

function tooMany(damaged: Damaged): Error {
  return damaged(`has a sparse map of more than ${PAIRS_MAX} parts`);
}
