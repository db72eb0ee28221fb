/** Sums up repeated measurements. */

/**
 * Returns the median: of an even number of values, the mean of the middle two.
 * @param {readonly number[]} values at least one
 */
export function median(values) {
  if (values.length === 0) throw new RangeError("Cannot take a median: there are no values");
  const sorted = Float64Array.from(values).sort();
  const upperHalf = sorted.at(Math.floor(sorted.length / 2)) ?? Number.NaN;
  const lowerHalf = sorted.at(Math.floor((sorted.length - 1) / 2)) ?? Number.NaN;
  return (lowerHalf + upperHalf) / 2;
}
