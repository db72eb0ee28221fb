/** What Coppice has to reach with overlays: calls in a process, of the library alone. */

/** @typedef {import("./targets.mjs").Target} Target */

const MB = 1e6;

/** @type {readonly Target[]} */
export const OVERLAY_TARGETS = [
  ...["100 files", "100,000 files", "1,000,000 files", "depth 1,000"].map((figure) =>
    absolute("overlay-fork", figure, "at most 5 µs", 0.005),
  ),
  ...["new file", "existing file"].map((figure) =>
    absolute("overlay-snapshot", `100,000 files, ${figure}`, "at most 300 µs, relaxed", 0.3),
  ),
  absolute("overlay-memory", "10,000 forks", "under 200 MB", 200 * MB),
  ...["again", "50,000 files once each"].flatMap((figure) => [
    absolute("overlay-read", `${figure}, promise`, "at most 15 µs", 0.015),
    absolute("overlay-read", `${figure}, synchronous`, "at most 15 µs", 0.015),
  ]),
  ...["stat", "readdir"].flatMap((figure) => [
    twiceMemfs("overlay-names", `${figure}, promise`),
    twiceMemfs("overlay-names", `${figure}, synchronous`),
  ]),
];

/**
 * @param {string} workload
 * @param {string} caseName
 * @param {string} text
 * @param {number} value in ms or bytes
 * @returns {Target}
 */
function absolute(workload, caseName, text, value) {
  return { workload, case: caseName, rival: "coppice-library", text, limit: () => value };
}

/**
 * @param {string} workload
 * @param {string} caseName
 * @returns {Target}
 */
function twiceMemfs(workload, caseName) {
  return {
    ...{ workload, case: caseName, rival: "coppice-library", text: "at most 2 times memfs" },
    limit(medianOf) {
      const other = medianOf(workload, caseName, "memfs");
      return other === undefined ? undefined : 2 * other;
    },
  };
}
