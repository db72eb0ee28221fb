/**
 * Puts all that a run has found into one plain object, which is written as JSON and from which
 * the Markdown and the page are made. It holds no path of the machine.
 */
import { median, ninetyNinth } from "../measure/statistics.mjs";
import { judgeTargets } from "../targets.mjs";
import { describeRival } from "./describe-rival.mjs";

/** Raised when the shape of the JSON changes in a way that its readers must know. */
const REPORT_FORMAT = 1;

/** @typedef {ReturnType<typeof buildReport>} Report */
/** @typedef {Report["series"][number]} ReportSeries */

/**
 * @param {object} run
 * @param {import("../workloads/bench.mjs").Bench} run.bench
 * @param {readonly import("../workloads/bench.mjs").Workload[]} run.workloads
 * @param {readonly import("../rivals/rival.mjs").Rival[]} run.rivals all, also those not installed
 * @param {ReturnType<typeof import("../measure/machine.mjs").describeMachine>} run.machine
 * @param {string} run.durability
 */
export function buildReport({ bench, workloads, rivals, machine, durability }) {
  const { repetitions, tree, workspaceTrees, cold } = bench.options;
  return {
    format: REPORT_FORMAT,
    date: new Date().toISOString(),
    machine,
    cache: cold
      ? "cold (dropped before each measurement)"
      : "warm (what is to be read was read right before each measurement)",
    durability,
    repetitions,
    tree,
    workspaceTrees,
    data: [...bench.data.values()].map(({ path: _, ...figures }) => figures),
    rivals: rivals.map(describeRival),
    workloads: workloads.map(({ name, title, summary }) => ({ name, title, summary })),
    series: bench.results.series.map((series) => ({
      ...series,
      median: median(series.values),
      p99: ninetyNinth(series.values),
      min: Math.min(...series.values),
      max: Math.max(...series.values),
    })),
    targets: judgeTargets(bench.results),
    failures: bench.results.failures,
    skipped: bench.results.skipped,
  };
}
