/**
 * Latencies: durations, and what share of them is no longer than which.
 */

export class Latencies {
  #values: number[] = [];
  #sorted: Float64Array | undefined;

  add(value: number): void {
    this.#values.push(value);
  }

  /** Ascending. Nothing may be added afterwards. */
  get sorted(): Float64Array {
    if (this.#sorted === undefined) {
      this.#sorted = Float64Array.from(this.#values).sort();
      this.#values = [];
    }
    return this.#sorted;
  }
}

/**
 * Returns a percentile of several lists of whole numbers together by nearest rank: the smallest of them that is not exceeded by
 * so much of them. It is one of them, nothing in between.
 *
 * @param lists each ascending
 * @param share above 0, at most 1
 * @returns `undefined` where they are empty
 */
export function percentile(lists: readonly Float64Array[], share: number): number | undefined {
  const filled = lists.filter((list) => list.length > 0);
  const count = filled.reduce((sum, list) => sum + list.length, 0);
  if (count === 0) return undefined;
  const rank = Math.ceil(share * count);
  let low = Math.min(...filled.map((list) => list[0]!));
  let high = Math.max(...filled.map((list) => list.at(-1)!));
  // Not merged: to ask all lists how many are no larger costs some hundred steps for each half of the range.
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const notLarger = filled.reduce((sum, list) => sum + countUpTo(list, middle), 0);
    if (notLarger >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns how many of an ascending list are no larger than a value. */
function countUpTo(list: Float64Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
