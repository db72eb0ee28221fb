/** The conditions of a run, in the same words for Markdown and page. */
import { formatCount, formatValue } from "./format.mjs";

/**
 * Returns the conditions as pairs of a term and a text.
 * @param {import("./build-report.mjs").Report} report
 * @returns {[string, string][]}
 */
export function reportFacts({ machine, ...report }) {
  return [
    ["Date", report.date.slice(0, 10)],
    [
      "Machine",
      `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 1024 ** 3).toFixed(1)} GiB`,
    ],
    ["Kernel", machine.kernel],
    ["File system", machine.fileSystem],
    ["Node", machine.node],
    ["Cache", report.cache],
    ["Durability of Coppice", report.durability],
    ["Load before the run", machine.load],
    ["Repetitions", `${report.repetitions}, in turns; medians`],
    ["Tree", `${report.tree} (capture and restore); ${forkedTrees(report)} (workspaces)`],
    ...report.data.map(
      (data) =>
        /** @type {[string, string]} */ ([
          `Data: ${data.name}`,
          (data.files === 1
            ? ""
            : `${formatCount(data.files)} files, ${formatCount(data.directories)} directories, `) +
            `${formatValue(data.bytes, "bytes", "")}: ${data.description}`,
        ]),
    ),
  ];
}

/**
 * Returns the series of one workload grouped by case, in the order in which they were measured.
 * @param {import("./build-report.mjs").Report} report
 * @param {string} workload
 * @returns {Map<string, import("./build-report.mjs").ReportSeries[]>}
 */
export function seriesByCase(report, workload) {
  /** @type {Map<string, import("./build-report.mjs").ReportSeries[]>} */
  const groups = new Map();
  for (const series of report.series.filter((one) => one.workload === workload)) {
    const group = groups.get(series.case) ?? [];
    group.push(series);
    groups.set(series.case, group);
  }
  return groups;
}

/** @param {import("./build-report.mjs").Report} report an older one does not name them */
function forkedTrees({ workspaceTrees = [] }) {
  return workspaceTrees.length === 0 ? "none" : workspaceTrees.join(", ");
}
