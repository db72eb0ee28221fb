/**
 * A chart of one figure: for each rival a bar for the median, a line from the lowest to the
 * highest value and a dot for each value, or, of a hundred and more, a line to a dot for the one that 99 in a hundred do not
 * exceed; the targets as vertical lines. Inline SVG, coloured by
 * the style sheet of the page.
 */
import { chooseScale } from "./chart-scale.mjs";
import { formatValue } from "./format.mjs";

/** @typedef {import("./build-report.mjs").ReportSeries} ReportSeries */
/** @typedef {{ value: number, label: string, met: boolean | undefined }} Limit */

/** Widths in pixels of the page, so that text is equally large in both. */
export const CHART_WIDTHS = { full: 980, half: 456 };
const PLOT_LEFT = 128;
const VALUE_WIDTH = 84;
const ROW_HEIGHT = 32;
const BAR_HEIGHT = 18;
const LIMIT_HEIGHT = 20;
const AXIS_HEIGHT = 26;
/** From the middle of a line of text down to its base line. */
const TEXT_DROP = 4.5;

/**
 * Returns the chart as an SVG element, fastest or smallest first.
 * @param {readonly ReportSeries[]} group series of one figure, one for each rival
 * @param {readonly Limit[]} limits
 * @param {string} description for those who do not see it
 * @param {number} width one of CHART_WIDTHS
 */
export function barChart(group, limits, description, width) {
  const rows = [...group].sort((a, b) => a.median - b.median);
  const { unit, workload } = /** @type {ReportSeries} */ (rows[0]);
  const scale = chooseScale(
    [
      ...rows.flatMap((row) => [row.median, row.p99 ?? row.max]),
      ...limits.map((limit) => limit.value),
    ],
    workload === "growth",
    width - PLOT_LEFT - VALUE_WIDTH,
  );
  /** @type {Plot} */
  const plot = {
    width,
    top: limits.length * LIMIT_HEIGHT + 4,
    bottom: limits.length * LIMIT_HEIGHT + 4 + rows.length * ROW_HEIGHT,
    x: (value) => round(PLOT_LEFT + scale.position(value)),
    text: (value) => formatValue(value, unit, workload),
  };
  const size = `viewBox="0 0 ${width} ${plot.bottom + AXIS_HEIGHT}"`;
  return [
    `<svg ${size} role="img" aria-label="${escapeXml(description)}">`,
    ...scale.ticks.map((tick) => gridLine(tick, plot)),
    ...rows.map((series, index) => bar(series, index, plot)),
    ...sortLimits(limits, plot).map((limit, index) => limitLine(limit, index, plot)),
    "</svg>",
    scale.isLogarithmic ? '<p class="scale">logarithmic scale</p>' : "",
  ].join("\n");
}

/**
 * Where things lie in a chart.
 * @typedef {object} Plot
 * @property {number} width of the whole chart
 * @property {number} top of the first row
 * @property {number} bottom of the last row
 * @property {(value: number) => number} x
 * @property {(value: number) => string} text
 */

/**
 * @param {number} tick
 * @param {Plot} plot
 */
function gridLine(tick, { x, text, top, bottom }) {
  const at = x(tick);
  return (
    `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>` +
    `<text class="tick" x="${at}" y="${bottom + 18}">${tickLabel(text(tick))}</text>`
  );
}

/**
 * @param {ReportSeries} series
 * @param {number} index
 * @param {Plot} plot
 */
function bar(series, index, { width, top, x, text }) {
  const { rival, median, min, max, values, p99 } = series;
  const y = top + (index + 0.5) * ROW_HEIGHT;
  const length = round(Math.max(x(median) - PLOT_LEFT, 1.5));
  const often = p99 === undefined ? "" : `99 in 100 up to ${text(p99)}, `;
  const hint = `${rival}: median ${text(median)}, ${often}${values.length} × ${text(min)} to ${text(max)}`;
  // Of very many values only the spread is told; the few highest would make all else small.
  const [end, shown] = p99 === undefined ? [max, values] : [p99, [p99]];
  const spread =
    values.length === 1
      ? []
      : [
          `<line class="range" x1="${x(min)}" x2="${x(end)}" y1="${y}" y2="${y}"/>`,
          ...shown.map((value) => `<circle class="dot" cx="${x(value)}" cy="${y}" r="2.5"/>`),
        ];
  return [
    `<g class="${rowClass(rival)}"><title>${escapeXml(hint)}</title>`,
    `<text class="name" x="${PLOT_LEFT - 12}" y="${y + TEXT_DROP}">${escapeXml(rival)}</text>`,
    `<rect x="${PLOT_LEFT}" y="${y - BAR_HEIGHT / 2}" width="${length}" height="${BAR_HEIGHT}" rx="2"/>`,
    ...spread,
    `<text class="value" x="${width}" y="${y + TEXT_DROP}">${text(median)}</text></g>`,
  ].join("");
}

/**
 * @param {Limit} limit
 * @param {number} index
 * @param {Plot} plot
 */
function limitLine({ value, label, met }, index, { width, x, bottom }) {
  const at = x(value);
  const y = index * LIMIT_HEIGHT + 14;
  // The label stands on the side of its line that has more room.
  const [textX, anchor] = isRightHalf(at, width) ? [at - 6, "end"] : [at + 6, "start"];
  return (
    `<g class="limit ${met === undefined ? "open" : met ? "met" : "missed"}">` +
    `<line x1="${at}" x2="${at}" y1="${y - 10}" y2="${bottom}"/>` +
    `<text x="${round(textX)}" y="${y}" text-anchor="${anchor}">${escapeXml(label)}</text></g>`
  );
}

/**
 * Returns the limits from top to bottom, such that no label crosses the line of another.
 * @param {readonly Limit[]} limits
 * @param {Plot} plot
 */
function sortLimits(limits, { width, x }) {
  const sorted = [...limits].sort((a, b) => a.value - b.value);
  return sorted.every((limit) => isRightHalf(x(limit.value), width)) ? sorted.reverse() : sorted;
}

/**
 * @param {number} x
 * @param {number} width of the whole chart
 */
function isRightHalf(x, width) {
  return x > (PLOT_LEFT + width - VALUE_WIDTH) / 2;
}

/**
 * Returns the label without zeros that say nothing: `1.20 s` is `1.2 s`, `0 ms` is `0`.
 * @param {string} text
 */
function tickLabel(text) {
  return text
    .replace(/^0 .*/, "0")
    .replace(/(\.\d*?)0+ /, "$1 ")
    .replace(". ", " ");
}

/**
 * Returns the style of a row: Coppice stands out, its library a little less.
 * @param {string} rival
 */
function rowClass(rival) {
  if (rival === "coppice") return "own";
  return rival.startsWith("coppice") ? "own library" : "rival";
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * Returns text that stands for itself in XML and HTML.
 * @param {string} text
 */
export function escapeXml(text) {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
