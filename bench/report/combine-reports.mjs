/** Puts the reports of several runs on one machine into one: each workload as the first run that had it measured it. */

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
    const isNew = (/** @type {{ workload: string }} */ each) => !known.has(each.workload);
    const names = new Set(combined.data.map(({ name }) => name));
    const rivals = new Set(combined.rivals.map(({ name }) => name));
    combined = {
      ...combined,
      data: [...combined.data, ...report.data.filter(({ name }) => !names.has(name))],
      rivals: [...combined.rivals, ...report.rivals.filter(({ name }) => !rivals.has(name))],
      workloads: [
        ...combined.workloads,
        ...report.workloads.filter(({ name }) => !known.has(name)),
      ],
      series: [...combined.series, ...report.series.filter(isNew)],
      targets: [...combined.targets, ...report.targets.filter(isNew)],
      failures: [...combined.failures, ...report.failures],
    };
  }
  return combined;
}
