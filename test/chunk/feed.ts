import type { Cutter } from "#dist/chunk/cutter.js";
import type { CutPlan } from "#dist/chunk/plan-cuts.js";

/** How a file is handed to a cutter. */
export interface FeedOptions {
  /** Bytes a read returns, one after the other and over again. */
  readonly reads?: readonly number[];
  /** Use `skipZeros` wherever the file system could have reported a hole. */
  readonly skip?: boolean;
}

/**
 * Cuts `data` as a reader of files would and returns the lengths of its pieces, holes
 * negative and merged. Bytes are moved to the window's front only when it is full.
 */
export function feed(
  cutter: Cutter,
  plan: CutPlan,
  data: Buffer,
  { reads = [Infinity], skip = false }: FeedOptions = {},
): number[] {
  const { window } = cutter;
  const pieces: number[] = [];
  let position = 0;
  let start = 0;
  let end = 0;
  let turn = 0;
  const add = (piece: number) => {
    const last = pieces.length - 1;
    if (piece < 0 && (pieces[last] ?? 0) < 0) pieces[last]! += piece;
    else pieces.push(piece);
  };

  cutter.begin(plan);
  for (;;) {
    const final = position === data.length;
    const piece = cutter.next(start, end, final);
    if (piece !== 0) {
      add(piece);
      start += Math.abs(piece);
      if (piece < 0 && skip) {
        const zeros = zerosFrom(data, position - (end - start));
        if (zeros > 0) {
          cutter.skipZeros(zeros);
          add(-zeros);
          position += zeros - (end - start);
          start = end = 0;
        }
      }
    } else if (final) {
      return pieces;
    } else {
      if (end === window.length) {
        window.copyWithin(0, start, end);
        end -= start;
        start = 0;
      }
      const want = Math.min(
        reads[turn++ % reads.length]!,
        window.length - end,
        data.length - position,
      );
      data.copy(window, end, position, position + want);
      position += want;
      end += want;
    }
  }
}

/** How many zeros follow, as far as `skipZeros` takes them. */
function zerosFrom(data: Buffer, from: number): number {
  let to = from;
  while (to < data.length && data[to] === 0) to++;
  return to === data.length ? to - from : Math.floor((to - from) / 16_384) * 16_384;
}
