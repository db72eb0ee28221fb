/** The growing list of what a run has measured and what has failed in it. */

import { fileURLToPath } from "node:url";
import { median } from "../measure/statistics.mjs";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** @typedef {import("../rivals/rival.mjs").Rival} Rival */
/** @typedef {"ms" | "bytes"} Unit */

/**
 * All values of one figure of one rival.
 * @typedef {object} Series
 * @property {string} workload
 * @property {string} case which figure of the workload
 * @property {string} rival
 * @property {Unit} unit
 * @property {number[]} values in the order in which they were measured
 */

/** @typedef {{ workload: string, rival: string, message: string }} Failure */

/** Collects values and failures, and tells the person at the terminal. */
export class Results {
  /** @type {Series[]} */
  series = [];
  /** @type {Failure[]} */
  failures = [];
  /**
   * What was not measured, and why.
   * @type {Failure[]}
   */
  skipped = [];
  #directory;

  /** @param {string} directory the bench directory, whose path is cut out of messages */
  constructor(directory) {
    this.#directory = directory;
  }

  /**
   * Adds values.
   * @param {string} workload
   * @param {string} caseName
   * @param {Rival} rival
   * @param {Unit} unit
   * @param {readonly number[]} values one or more of equal standing
   */
  record(workload, caseName, rival, unit, values) {
    let series = this.find(workload, caseName, rival.name);
    if (series === undefined) {
      series = { workload, case: caseName, rival: rival.name, unit, values: [] };
      this.series.push(series);
    }
    // To the nanosecond: calls are measured by the thousand, and all values are written down.
    series.values.push(...values.map((value) => (unit === "ms" ? round(value) : value)));
    const middle = median(values);
    const amount = unit === "ms" ? `${middle.toPrecision(4)} ms` : `${middle} bytes`;
    const times = values.length === 1 ? "" : ` (median of ${values.length})`;
    process.stderr.write(`${workload}, ${caseName}, ${rival.name}: ${amount}${times}\n`);
  }

  /**
   * Adds a failure.
   * @param {string} workload
   * @param {string} rival empty when the workload itself failed
   * @param {unknown} error
   */
  fail(workload, rival, error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = text
      .replaceAll(this.#directory, "$COPPICE_BENCH_DIR")
      .replaceAll(PACKAGE, "")
      .trim();
    this.failures.push({ workload, rival, message });
    process.stderr.write(`${workload}, ${rival} failed: ${message}\n`);
  }

  /**
   * Notes that something was not measured.
   * @param {string} workload
   * @param {string} rival
   * @param {string} message why
   */
  skip(workload, rival, message) {
    this.skipped.push({ workload, rival, message });
    process.stderr.write(`${workload}, ${rival} skipped: ${message}\n`);
  }

  /**
   * Returns the values of one figure of one rival, or undefined when there are none.
   * @param {string} workload
   * @param {string} caseName
   * @param {string} rivalName
   */
  find(workload, caseName, rivalName) {
    return this.series.find(
      (series) =>
        series.workload === workload && series.case === caseName && series.rival === rivalName,
    );
  }
}

/** @param {number} valueMs */
function round(valueMs) {
  return Math.round(valueMs * 1e6) / 1e6;
}
