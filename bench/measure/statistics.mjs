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

/**
 * Returns the value that 99 in a hundred do not exceed, or undefined where there are fewer than a hundred.
 * @param {readonly number[]} values
 */
export function ninetyNinth(values) {
  if (values.length < 100) return undefined;
  return Float64Array.from(values)
    .sort()
    .at(Math.ceil(values.length * 0.99) - 1);
}

/**
 * Returns at most so many of the values, from the lowest to the highest at even distances: their median and their other
 * quantiles are those of all.
 * @param {readonly number[]} values
 * @param {number} [countMax]
 */
export function quantiles(values, countMax = 201) {
  if (values.length <= countMax) return [...values];
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: countMax }, (_, index) =>
    Number(sorted[Math.round((index * (sorted.length - 1)) / (countMax - 1))]),
  );
}
