/** Charts of the demo, drawn with block characters. */
import { formatBar } from "#dist/cli/output/format-bar.js";
import { formatBytes } from "#dist/cli/output/format-bytes.js";
import { formatDuration } from "#dist/cli/output/format-duration.js";
import { formatTable } from "#dist/cli/output/format-table.js";

/** With titles and times beside it a line has at most 80. */
const BAR_COLUMNS = 30;

/**
 * @typedef {object} Act
 * @property {string} title
 * @property {number} durationMs
 */

/**
 * @typedef {object} Growth
 * @property {string} name of the snapshot
 * @property {number} bytes by which it made the packs grow
 */

/** @typedef {import("#dist/cli/output/style.js").Style} Style */

/**
 * Returns how long each act took.
 * @param {Act[]} acts
 * @param {Style} style
 */
export function timeChart(acts, style) {
  const longestMs = Math.max(...acts.map((act) => act.durationMs));
  const rows = acts.map(({ title, durationMs }) => [
    title,
    formatDuration(durationMs),
    style("cyan", formatBar(durationMs / longestMs, BAR_COLUMNS)),
  ]);
  return [style("bold", "Time"), ...formatTable(rows, ["left", "right"])];
}

/**
 * Returns what the snapshots take, beside what copies would.
 * @param {import("coppice").StoreStats} stats
 * @param {Growth[]} growths
 * @param {Style} style
 */
export function spaceChart({ snapshots, logicalBytes, diskBytes }, growths, style) {
  const most = Math.max(logicalBytes, diskBytes, 1);
  /**
   * @param {string} title
   * @param {number} bytes
   * @param {Parameters<Style>[0]} format
   */
  const row = (title, bytes, format) => [
    title,
    formatBytes(bytes),
    style(format, formatBar(bytes / most, BAR_COLUMNS)),
  ];
  const rows = [
    row(`${snapshots} snapshots as copies`, logicalBytes, "yellow"),
    row("in the store, on disk", diskBytes, "green"),
    ...growths.map(({ name, bytes }) => row(`  the ${name} one added`, bytes, "green")),
  ];
  const ratio = (logicalBytes / Math.max(diskBytes, 1)).toFixed(2);
  return [
    `${style("bold", "Space")}  dedup ratio ${style("green", ratio)}`,
    ...formatTable(rows, ["left", "right"]),
  ];
}
