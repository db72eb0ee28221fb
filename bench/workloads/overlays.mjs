/**
 * Overlays: file systems in the memory of a process. Each figure is measured in processes of its own, in which all calls are made; what
 * a rival keeps of a tree on disk is made before and shared by them.
 */
import { runCommands } from "../measure/run-commands.mjs";
import { settle } from "../measure/settle.mjs";

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("../rivals/rival.mjs").Rival} Rival */
/** @typedef {Rival & { overlays: import("../rivals/rival.mjs").Overlays }} OverlayRival */

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} verb of in-process/measures.mjs
 * @property {number} files how many there are
 * @property {boolean} [hasSync] is measured by promises and by synchronous calls
 */

const SMALL = 1_000;
const MIDDLE = 50_000;
const LARGE = 100_000;

/** @type {readonly import("./bench.mjs").Workload[]} */
export const overlays = [
  workload(
    "overlay-fork",
    "Fork of an overlay",
    "another file system in the same process that holds the same",
    [
      { name: "100 files", verb: "fork", files: 100 },
      { name: "100,000 files", verb: "fork", files: LARGE },
      { name: "1,000,000 files", verb: "fork", files: 1_000_000 },
      { name: "depth 1,000", verb: "fork-depth", files: LARGE },
    ],
  ),
  workload(
    "overlay-snapshot",
    "Snapshot of an overlay",
    "fork, write 4 KiB into a file, snapshot (`relaxed`): the three together",
    [
      { name: "1,000 files, new file", verb: "edit-new", files: SMALL },
      { name: "100,000 files, new file", verb: "edit-new", files: LARGE },
      { name: "100,000 files, existing file", verb: "edit-existing", files: LARGE },
    ],
  ),
  workload(
    "overlay-memory",
    "Memory of overlays",
    "10,000 forks of 100,000 files that are all there: the growth of the heap with its buffers or of the resident set, whichever is more",
    [
      { name: "10,000 forks", verb: "forks-memory", files: LARGE },
      { name: "10,000 forks, a file of 4 KiB in each", verb: "edited-forks-memory", files: LARGE },
    ],
  ),
  workload(
    "overlay-read",
    "Reading files of an overlay",
    "files of 4 KiB, whole: the same 1,000 again and again, and 50,000 once each after they were read once",
    [
      { name: "again", verb: "read-again", files: SMALL, hasSync: true },
      { name: "50,000 files once each", verb: "read-all", files: MIDDLE, hasSync: true },
    ],
  ),
  workload(
    "overlay-names",
    "Names in an overlay",
    "`stat` of 1,000 files, `readdir` of directories of 100 names",
    [
      { name: "stat", verb: "stat", files: SMALL, hasSync: true },
      { name: "readdir", verb: "readdir", files: SMALL, hasSync: true },
    ],
  ),
  workload(
    "overlay-write",
    "Writing in an overlay",
    "a new file of 4 KiB, its rename, its removal",
    ["write", "rename", "unlink"].map((verb) => ({
      ...{ name: verb, verb, files: SMALL, hasSync: true },
    })),
  ),
];

/** @type {WeakMap<Bench, Map<string, string>>} */
const directories = new WeakMap();

/**
 * @param {string} name
 * @param {string} title
 * @param {string} summary
 * @param {readonly Figure[]} figures
 * @returns {import("./bench.mjs").Workload}
 */
function workload(name, title, summary, figures) {
  return {
    name,
    title,
    summary,
    // Hardly a file is made in what is timed: what was removed before does no harm (scratch.mjs).
    isTimed: false,
    async run(bench) {
      for (const figure of figures) {
        if (figure.hasSync) {
          await measure(bench, name, { ...figure, name: `${figure.name}, promise` }, false);
          await measure(bench, name, { ...figure, name: `${figure.name}, synchronous` }, true);
        } else {
          await measure(bench, name, figure, false);
        }
      }
    },
  };
}

/**
 * @param {Bench} bench
 * @param {string} workloadName
 * @param {Figure} figure
 * @param {boolean} sync
 */
async function measure(bench, workloadName, { name, verb, files }, sync) {
  const able = /** @type {OverlayRival[]} */ (bench.options.rivals).filter(
    ({ overlays: each }) =>
      each?.verbs.includes(verb) === true && files <= each.filesMax && (!sync || each.hasSync),
  );
  const ready = await bench.takeTurns(able, 1, (rival) => prepare(bench, rival, files));
  /** @type {Set<OverlayRival>} */
  const skipping = new Set();
  await bench.takeTurns(ready, bench.options.repetitions, (rival) => {
    if (skipping.has(rival)) return;
    const directory = directoryOf(bench, rival, files);
    settle(directory, false);
    const { stdout } = runCommands([rival.overlays.command(verb, { directory, files, sync })]);
    const { unit, values, skipped } = JSON.parse(stdout);
    if (skipped === undefined) {
      bench.recordAll(name, rival, unit, values);
    } else {
      skipping.add(rival);
      bench.results.skip(workloadName, rival.name, `${name}: ${skipped}`);
    }
  });
}

/**
 * Has a rival make what it keeps of a tree on disk, once.
 * @param {Bench} bench
 * @param {OverlayRival} rival
 * @param {number} files
 */
function prepare(bench, rival, files) {
  const known = knownDirectories(bench);
  const key = `${rival.name}-${files}`;
  if (known.has(key)) return;
  const directory = bench.scratch.makeKeptDirectory(`overlay-${key}`);
  known.set(key, directory);
  runCommands([rival.overlays.command("prepare", { directory, files, sync: false })]);
}

/**
 * @param {Bench} bench
 * @param {OverlayRival} rival
 * @param {number} files
 */
function directoryOf(bench, rival, files) {
  return /** @type {string} */ (knownDirectories(bench).get(`${rival.name}-${files}`));
}

/** @param {Bench} bench */
function knownDirectories(bench) {
  const known = directories.get(bench) ?? new Map();
  directories.set(bench, known);
  return known;
}
