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
    combined = {
      ...combined,
      workspaceTrees: [
        ...new Set([combined, report].flatMap(({ workspaceTrees = [] }) => workspaceTrees)),
      ],
      data: [...combined.data, ...report.data.filter(({ name }) => !names.has(name))],
      rivals: combineRivals(combined.rivals, report.rivals),
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

/**
 * Returns the rivals of two runs: one as the run tells of it that had it, with the commands of both.
 * @param {Report["rivals"]} known
 * @param {Report["rivals"]} others
 */
function combineRivals(known, others) {
  const names = new Set(known.map(({ name }) => name));
  const combined = known.map((rival) => {
    const other = others.find(({ name }) => name === rival.name);
    if (other === undefined) return rival;
    const best = rival.version === undefined && other.version !== undefined ? other : rival;
    return { ...best, commands: { ...other.commands, ...rival.commands } };
  });
  return [...combined, ...others.filter(({ name }) => !names.has(name))];
}

/** @param {{ workload: string, case: string }} each */
function figureOf({ workload, case: caseName }) {
  return `${workload}: ${caseName}`;
}
