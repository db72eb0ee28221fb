/**
 * What Coppice has to reach, each computed from the medians of one and the same run. They
 * inform; nothing fails when one is missed.
 */
import { median, ninetyNinth } from "./measure/statistics.mjs";
import { OVERLAY_TARGETS } from "./overlay-targets.mjs";
import { UPKEEP_TARGETS } from "./upkeep-targets.mjs";
import { workspaceTargets } from "./workspace-targets.mjs";

/** @typedef {import("./workloads/results.mjs").Results} Results */

/**
 * @typedef {object} Target
 * @property {string} workload
 * @property {string} case
 * @property {string} rival which of Coppice's two entries it is about
 * @property {boolean} [isAboutP99] about what 99 in a hundred do not exceed, not about the median
 * @property {string} text
 * @property {(medianOf: MedianOf) => number | undefined} limit undefined when what it is relative to was not
 *   measured in this run
 */

/**
 * @typedef {object} Outcome
 * @property {string} workload
 * @property {string} case
 * @property {string} text
 * @property {import("./workloads/results.mjs").Unit} unit
 * @property {number} [measured]
 * @property {number} [limit]
 * @property {boolean} [met] absent when there is nothing to compare
 */

/** @typedef {(workload: string, caseName: string, rival: string) => number | undefined} MedianOf */

const KIB = 1024;
const MIB = 1024 ** 2;
const MB = 1e6;

/** @type {readonly Target[]} */
const TARGETS = [
  relative("first-capture", "at least 8 times faster than restic", 1 / 8, "restic"),
  relative("first-capture", "no slower than 1.3 times tar cf", 1.3, "tar"),
  relative("unchanged-capture", "no slower than git add -A && git write-tree", 1, "git"),
  relative("unchanged-capture", "at least 10 times faster than restic", 1 / 10, "restic"),
  relative("restore-new", "at least 2 times faster than restic", 1 / 2, "restic"),
  relative("restore-new", "not slower than tar x", 1, "tar"),
  {
    workload: "restore-in-place",
    case: "time",
    rival: "coppice",
    text: "within 1.5 times the unchanged capture",
    limit: (medianOf) => times(1.5, medianOf("unchanged-capture", "time", "coppice")),
  },
  ...["first capture", "unchanged capture", "restore"].flatMap((verb) => [
    absolute("memory", `100,000 files, ${verb}`, "under 400 MB", 400 * MB),
    absolute("memory", `4 GiB file, ${verb}`, "under 300 MB", 300 * MB),
  ]),
  ...["sizes", "blocks"].flatMap((count) => [
    absolute("growth", `sixteen 10-byte edits, ${count}`, "at most 0.225 MiB", 0.225 * MIB),
    absolute("growth", `10-byte prepend, ${count}`, "at most 26 KiB", 26 * KIB),
    absolute("growth", `one file of 100,000, ${count}`, "at most 64 KiB", 64 * KIB),
  ]),
  { ...absolute("diff", "time", "under 5 ms (library call)", 5), rival: "coppice-library" },
  { ...absolute("merge", "time", "at most 10 ms (library call)", 10), rival: "coppice-library" },
  ...UPKEEP_TARGETS,
  ...OVERLAY_TARGETS,
];

/**
 * Returns how Coppice stands against each target of the workloads that ran.
 * @param {Results} results
 * @returns {Outcome[]}
 */
export function judgeTargets(results) {
  /** @type {MedianOf} */
  const medianOf = (workload, caseName, rival) => {
    const series = results.find(workload, caseName, rival);
    return series === undefined ? undefined : median(series.values);
  };
  const ran = new Set(results.series.map((series) => series.workload));
  const targets = TARGETS.filter((target) => ran.has(target.workload));
  return [...targets, ...workspaceTargets(results.series)].map((target) => {
    const series = results.find(target.workload, target.case, target.rival);
    const values = series?.values ?? [];
    const measured =
      target.isAboutP99 === true
        ? ninetyNinth(values)
        : medianOf(target.workload, target.case, target.rival);
    const limit = target.limit(medianOf);
    return {
      workload: target.workload,
      case: target.case,
      text: target.isAboutP99 === true ? `${target.text} (99 in 100)` : target.text,
      unit: series?.unit ?? unitOf(target.workload),
      measured,
      limit,
      met: measured === undefined || limit === undefined ? undefined : measured <= limit,
    };
  });
}

/**
 * Returns the unit of a workload that has only one.
 * @param {string} workload
 */
function unitOf(workload) {
  return workload === "overlay-memory" || workload === "memory" || workload === "growth"
    ? "bytes"
    : "ms";
}

/**
 * A target that is a multiple of a rival's median of the same workload.
 * @param {string} workload
 * @param {string} text
 * @param {number} factor
 * @param {string} rival
 * @returns {Target}
 */
function relative(workload, text, factor, rival) {
  const limit = (/** @type {MedianOf} */ medianOf) =>
    times(factor, medianOf(workload, "time", rival));
  return { workload, case: "time", rival: "coppice", text, limit };
}

/**
 * A target that is a number.
 * @param {string} workload
 * @param {string} caseName
 * @param {string} text
 * @param {number} value
 * @returns {Target}
 */
function absolute(workload, caseName, text, value) {
  return { workload, case: caseName, rival: "coppice", text, limit: () => value };
}

/**
 * @param {number} factor
 * @param {number | undefined} value
 */
function times(factor, value) {
  return value === undefined ? undefined : factor * value;
}
