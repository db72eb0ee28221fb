/**
 * Node difference: two nodes without the records that both begin with and both end with.
 *
 * Of nodes that stand beside each other one record in sixty is another. Runs of bytes are compared, not records: a dozen
 * comparisons tell which these are, and no other is made an object of.
 */
import type { DecodedNode, NodeLayout } from "./node-codec.js";
import { nodeLayout, recordsOf } from "./node-codec.js";

/**
 * Returns two nodes as `decodeNode` does; of one level, without what they have in common at their ends.
 *
 * @throws {CoppiceError} CORRUPT when one is no node, or lengths do not add up
 */
export function differingNodes(a: Buffer, b: Buffer): readonly [DecodedNode, DecodedNode] {
  const [inA, inB] = [nodeLayout(a), nodeLayout(b)];
  const isAlike = inA.type === inB.type && inA.level === inB.level;
  const countMax = isAlike ? Math.min(inA.bounds.length, inB.bounds.length) - 1 : 0;
  const first = greatest(countMax, (count) => isRunEqual(a, inA, b, inB, 0, count));
  const last = greatest(countMax - first, (count) => isRunEqual(a, inA, b, inB, -count, count));
  return [recordsOf(a, inA, first, last), recordsOf(b, inB, first, last)];
}

/** Whether some records of both are the same. @param from counted from the end where it is negative */
function isRunEqual(
  a: Buffer,
  inA: NodeLayout,
  b: Buffer,
  inB: NodeLayout,
  from: number,
  count: number,
): boolean {
  const at = (bounds: readonly number[], index: number): number =>
    bounds[index < 0 || from < 0 ? bounds.length - 1 + index : index] as number;
  const [startA, endA] = [at(inA.bounds, from), at(inA.bounds, from + count)];
  const [startB, endB] = [at(inB.bounds, from), at(inB.bounds, from + count)];
  return endA - startA === endB - startB && a.compare(b, startB, endB, startA, endA) === 0;
}

/** Returns the greatest number up to `max` that something holds for, as it does for all numbers below that one, and for 0. */
function greatest(max: number, holds: (count: number) => boolean): number {
  let low = 0;
  for (let high = max; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
