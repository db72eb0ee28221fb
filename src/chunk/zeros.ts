/** As many zeros as the largest block that is ever asked for: a 16 KiB page. */
const zeros = Buffer.alloc(16_384);

/**
 * Returns whether `bytes[start, end)`, at least 1 and at most 16,384 bytes, is all zero.
 *
 * Data answers after one or two bytes are read; only a block that begins and ends with
 * a zero is compared as a whole.
 */
export function isZero(bytes: Buffer, start: number, end: number): boolean {
  return (
    bytes[start] === 0 &&
    bytes[end - 1] === 0 &&
    bytes[(start + end) >>> 1] === 0 &&
    bytes.compare(zeros, 0, end - start, start, end) === 0
  );
}

/**
 * Returns how many bytes from `start` on lie in whole zero blocks of `blockBytes`.
 *
 * @param partial whether a shorter last block before `end` counts as one, because the file ends there
 * @param blocksMax stop after so many blocks
 */
export function zeroBlockBytes(
  bytes: Buffer,
  start: number,
  end: number,
  blockBytes: number,
  partial: boolean,
  blocksMax = Infinity,
): number {
  let at = start;
  for (let blocks = 0; blocks < blocksMax && at < end; blocks++) {
    const blockEnd = Math.min(at + blockBytes, end);
    if ((blockEnd - at < blockBytes && !partial) || !isZero(bytes, at, blockEnd)) break;
    at = blockEnd;
  }
  return at - start;
}
