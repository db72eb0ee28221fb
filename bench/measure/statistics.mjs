/** Sums up repeated measurements. */

/**
 * Returns the median: of an even number of values, the mean of the middle two.
 * @param {readonly number[]} values at least one
 */
export function median(values) {
  if (values.length === 0) throw new RangeError("Cannot take a median: there are no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = /** @type {number} */ (sorted[middle]);
  return sorted.length % 2 === 1 ? upper : /** @type {number} */ ((sorted[middle - 1]) + upper) / 2;
}
