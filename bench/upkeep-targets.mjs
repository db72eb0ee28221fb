/** What Coppice has to reach in keeping a store whole and small, and in what is kept in it by name. */

/** @typedef {import("./targets.mjs").Target} Target */
/** @typedef {import("./targets.mjs").MedianOf} MedianOf */

/** The rate of a repair, bytes a second. */
const REPAIR_RATE_MIN = 200e6;
/** The share of what hashing alone would reach. */
const HASH_SHARE_MIN = 0.8;

/** @type {readonly Target[]} */
export const UPKEEP_TARGETS = [
  ...["coppice", "coppice-library"].flatMap((rival) => [
    {
      ...target(
        "verify",
        "time",
        rival,
        "at least 0.8 of the rate of SHA-256, a core's times the cores",
      ),
      limit: (/** @type {MedianOf} */ medianOf) =>
        divided(medianOf("verify", "time", "sha-256"), HASH_SHARE_MIN),
    },
    {
      ...target("collect", "100 snapshots, free", rival, "at most 5 s"),
      limit: () => 5_000,
    },
    {
      ...target("repair", "time", rival, "at least 200 MB a second of packs"),
      limit: (/** @type {MedianOf} */ medianOf) =>
        divided(medianOf("repair", "stored data", rival), REPAIR_RATE_MIN / 1_000),
    },
  ]),
  {
    ...target("upload", "time", "coppice-library", "at least half the speed of tar xz"),
    limit: (/** @type {MedianOf} */ medianOf) => divided(medianOf("upload", "time", "tar"), 0.5),
  },
  {
    ...target("registry-get", "one version", "coppice-library", "at most 0.2 ms"),
    limit: () => 0.2,
  },
  {
    ...target(
      "registry-pages",
      "last pages",
      "coppice-library",
      "at most 1.5 times the first pages",
    ),
    limit: (/** @type {MedianOf} */ medianOf) =>
      divided(medianOf("registry-pages", "first pages", "coppice-library"), 1 / 1.5),
  },
  ...["a page, first in its process", "a page, newly opened", "a page"].map((page) => ({
    ...target("traces", page, "coppice-library", "at most 50 ms"),
    limit: () => 50,
  })),
  {
    ...target("many-chunks", "open, first in its process", "coppice-library", "under 100 ms"),
    limit: () => 100,
  },
  {
    ...target("many-chunks", "one lookup", "coppice-library", "at least 50,000 a second"),
    limit: () => 1_000 / 50_000,
  },
];

/**
 * @param {string} workload
 * @param {string} caseName
 * @param {string} rival
 * @param {string} text
 */
function target(workload, caseName, rival, text) {
  return {
    workload,
    case: caseName,
    rival,
    text: rival === "coppice" ? text : `${text} (library call)`,
  };
}

/**
 * @param {number | undefined} value
 * @param {number} divisor
 */
function divided(value, divisor) {
  return value === undefined ? undefined : value / divisor;
}
