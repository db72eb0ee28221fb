/** Turns numbers into text that is read at a glance: three significant figures and a unit. */

const DECIMAL_UNITS = ["bytes", "kB", "MB", "GB"];
const BINARY_UNITS = ["bytes", "KiB", "MiB", "GiB"];

/**
 * Returns a measured value as text. Growth is in KiB and MiB as its targets are, other bytes
 * in MB.
 * @param {number} value
 * @param {import("../workloads/results.mjs").Unit} unit
 * @param {string} workload
 */
export function formatValue(value, unit, workload) {
  if (unit === "ms") {
    // A call in memory: of a tenth of a millisecond three figures would not be left.
    if (value > 0 && value < 0.1) return `${threeFigures(value * 1000)} µs`;
    return value < 999.5 ? `${threeFigures(value)} ms` : `${threeFigures(value / 1000)} s`;
  }
  const [base, units] = workload === "growth" ? [1024, BINARY_UNITS] : [1000, DECIMAL_UNITS];
  let amount = value;
  let index = 0;
  while (Math.abs(amount) >= base && index < units.length - 1) {
    amount /= base;
    index += 1;
  }
  return `${threeFigures(amount)} ${units[index]}`;
}

/**
 * Returns a ratio as text, such as `12.3 ×`.
 * @param {number} ratio
 */
export function formatRatio(ratio) {
  return `${threeFigures(ratio)} ×`;
}

/**
 * Returns a whole number with separators, such as `84,840`.
 * @param {number} count
 */
export function formatCount(count) {
  return count.toLocaleString("en-US");
}

/** @param {number} value */
function threeFigures(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1000) return String(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
