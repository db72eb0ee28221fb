/**
 * Puts the reports of several runs on one machine into one: each figure as the first run that had it measured it, in the
 * order of the workloads.
 */
import { chooseWorkloads } from "../workloads/workloads.mjs";

/**
 * @typedef {import("./build-report.mjs").Report} Report
 */

/**
 * @param {readonly [Report, ...Report[]]} reports
 * @returns {Report}
 */
export function combineReports([first, ...others]) {
  let combined = first;
  for (const report of others) {
    const known = new Set(combined.workloads.map(({ name }) => name));
    const figures = new Set(combined.series.map(figureOf));
    const isNew = (/** @type {{ workload: string, case: string }} */ each) =>
      !figures.has(figureOf(each));
    const names = new Set(combined.data.map(({ name }) => name));
    const rivals = new Set(combined.rivals.map(({ name }) => name));
    combined = {
      ...combined,
      workspaceTrees: [
        ...new Set([combined, report].flatMap(({ workspaceTrees = [] }) => workspaceTrees)),
      ],
      data: [...combined.data, ...report.data.filter(({ name }) => !names.has(name))],
      rivals: [...combined.rivals, ...report.rivals.filter(({ name }) => !rivals.has(name))],
      workloads: [
        ...combined.workloads,
        ...report.workloads.filter(({ name }) => !known.has(name)),
      ],
      series: [...combined.series, ...report.series.filter(isNew)],
      targets: [...combined.targets, ...report.targets.filter(isNew)],
      failures: [...combined.failures, ...report.failures],
      // Older reports have no such list.
      skipped: [...(combined.skipped ?? []), ...(report.skipped ?? [])],
    };
  }
  const names = chooseWorkloads([]).map(({ name }) => name);
  const place = (/** @type {string} */ name) => names.indexOf(name);
  return {
    ...combined,
    workloads: combined.workloads.toSorted((a, b) => place(a.name) - place(b.name)),
    targets: combined.targets.toSorted((a, b) => place(a.workload) - place(b.workload)),
  };
}

/** @param {{ workload: string, case: string }} each */
function figureOf({ workload, case: caseName }) {
  return `${workload}: ${caseName}`;
}
