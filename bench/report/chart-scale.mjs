/** Maps values to positions along a chart, with ticks at round values. */

/** Beyond this ratio of the largest to the smallest median the scale is logarithmic. */
const LINEAR_RATIO_MAX = 150;
/** Ticks are at least so far apart, in pixels: their labels need it. */
const TICK_DISTANCE = 84;
/** Room to the right of the largest value. */
const HEADROOM = 1.04;

/**
 * @typedef {object} Scale
 * @property {boolean} isLogarithmic
 * @property {readonly number[]} ticks
 * @property {(value: number) => number} position pixels from the left end
 */

/**
 * Returns a scale that holds all values. It starts at zero unless it is logarithmic; then values
 * below its start lie on the start.
 * @param {readonly number[]} values
 * @param {boolean} isBinary ticks at powers of two, for KiB and MiB
 * @param {number} width in pixels
 * @returns {Scale}
 */
export function chooseScale(values, isBinary, width) {
  const positive = values.filter((value) => value > 0);
  const max = Math.max(...positive, Number.MIN_VALUE) * HEADROOM;
  const min = Math.min(...positive, max);
  return max / min > LINEAR_RATIO_MAX
    ? logarithmicScale(min, max, isBinary ? 16 : 10, width)
    : linearScale(max, isBinary, width);
}

/**
 * @param {number} max
 * @param {boolean} isBinary
 * @param {number} width
 * @returns {Scale}
 */
function linearScale(max, isBinary, width) {
  const rough = (max / width) * TICK_DISTANCE;
  const power = 10 ** Math.floor(Math.log10(rough));
  const roundSteps = [1, 2, 5, 10].map((factor) => factor * power);
  const step = isBinary
    ? 2 ** Math.ceil(Math.log2(rough))
    : (roundSteps.find((candidate) => candidate >= rough) ?? rough);
  const ticks = Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
  return { isLogarithmic: false, ticks, position: (value) => (width * Math.max(value, 0)) / max };
}

/**
 * @param {number} min
 * @param {number} max
 * @param {number} base
 * @param {number} width
 * @returns {Scale}
 */
function logarithmicScale(min, max, base, width) {
  const log = (/** @type {number} */ value) => Math.log(value) / Math.log(base);
  // Half a step below the smallest value, so that its bar has a length.
  const start = base ** Math.floor(log(min) - 0.5);
  const range = log(max / start);
  const ticks = Array.from({ length: Math.floor(range) + 1 }, (_, index) => start * base ** index);
  const every = Math.ceil((ticks.length * TICK_DISTANCE) / width);
  return {
    isLogarithmic: true,
    ticks: ticks.filter((_, index) => index % every === 0),
    position: (value) => (width * log(Math.max(value, start) / start)) / range,
  };
}
