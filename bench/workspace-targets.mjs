/** What Coppice has to reach with workspaces, on each tree that was forked. */

/** @typedef {import("./targets.mjs").Target} Target */
/** @typedef {import("./targets.mjs").MedianOf} MedianOf */

const MB = 1e6;

/**
 * Limits of one case. `share` is a multiple of another rival's median of the same case.
 * @typedef {object} Limits
 * @property {string} workload
 * @property {string} figure the case without its tree
 * @property {string} [rival]
 * @property {string} text
 * @property {number} [value] in ms or bytes
 * @property {{ of: string, factor: number }} [share]
 * @property {boolean} [isAboutP99]
 */

/** @type {readonly Limits[]} */
const LIMITS = [
  ...both("fork", "one fork, call", "at most 2 ms", 2),
  call("fork", "one fork, call", "at most 2.5 times the bare mounts", {
    share: { of: "bare-overlayfs", factor: 2.5 },
  }),
  call("fork", "first fork, call", "at most 1 s, image included", { value: 1_000 }),
  call("fork", "100 forks, calls", "at most 200 ms in all", { value: 200 }),
  plain("read-forked-tree", "read all, warm"),
  plain("read-forked-tree", "find, warm"),
  plain("read-forked-tree", "find with sizes, warm"),
  plain("read-forked-tree", "read all, cold"),
  plain("read-forked-tree", "find, cold"),
  plain("read-forked-tree", "find with sizes, cold"),
  ...both("rollback", "call", "at most 2 ms", 2),
  ...both("workspace-snapshot", "first edit, relaxed, call", "at most 4 ms", 4),
  ...both("workspace-snapshot", "first edit, full, call", "at most 10 ms", 10),
  ...both("workspace-snapshot", "edit after edit, relaxed, call", "at most 4 ms", 4),
  ...both("workspace-snapshot", "edit after edit, full, call", "at most 10 ms", 10),
  ...both("workspace-snapshot", "unchanged, call", "at most 1 ms", 1),
  {
    workload: "write-in-workspace",
    figure: "tar x",
    text: "at most 1.3 times a plain directory",
    share: { of: "cp", factor: 1.3 },
  },
  { workload: "idle-forks", figure: "100 forks, disk", text: "under 5 MB in all", value: 5 * MB },
];

/**
 * Returns the targets of the figures that were measured.
 * @param {readonly import("./workloads/results.mjs").Series[]} series
 * @returns {Target[]}
 */
export function workspaceTargets(series) {
  return LIMITS.flatMap(({ workload, figure, rival = "coppice", text, value, share, isAboutP99 }) =>
    casesOf(series, workload, figure).map((caseName) => ({
      workload,
      case: caseName,
      rival,
      text,
      ...(isAboutP99 ? { isAboutP99 } : {}),
      limit(/** @type {MedianOf} */ medianOf) {
        if (share === undefined) return value;
        const other = medianOf(workload, caseName, share.of);
        return other === undefined ? undefined : share.factor * other;
      },
    })),
  );
}

/**
 * Returns the cases of a figure, one for each tree.
 * @param {readonly import("./workloads/results.mjs").Series[]} series
 * @param {string} workload
 * @param {string} figure
 */
function casesOf(series, workload, figure) {
  const cases = series
    .filter((each) => each.workload === workload)
    .map((each) => each.case)
    .filter((name) => name.slice(name.indexOf(", ") + 2) === figure);
  return [...new Set(cases)];
}

/**
 * A limit for the median and for what 99 in a hundred calls do not exceed.
 * @param {string} workload
 * @param {string} figure
 * @param {string} text
 * @param {number} value
 * @returns {Limits[]}
 */
function both(workload, figure, text, value) {
  return [
    call(workload, figure, text, { value }),
    call(workload, figure, text, { value, isAboutP99: true }),
  ];
}

/**
 * A limit for a call of the library.
 * @param {string} workload
 * @param {string} figure
 * @param {string} text
 * @param {Pick<Limits, "value" | "share" | "isAboutP99">} limit
 * @returns {Limits}
 */
function call(workload, figure, text, limit) {
  return { workload, figure, rival: "coppice-library", text, ...limit };
}

/**
 * A limit that is what the same takes in plain files on the same disk.
 * @param {string} workload
 * @param {string} figure
 * @returns {Limits}
 */
function plain(workload, figure) {
  return { workload, figure, text: "not slower than plain files", share: { of: "cp", factor: 1 } };
}
