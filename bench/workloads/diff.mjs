/**
 * Diff of two snapshots of 100,000 files that differ in 10: as a library call, and as whole
 * processes.
 */
import { generatedTree } from "../data/generated-tree.mjs";
import { median } from "../measure/statistics.mjs";
import { appendToFiles, pickFiles } from "./edit-files.mjs";
import { treeData } from "./tree-data.mjs";

const CHANGED_COUNT = 10;

/** @type {import("./bench.mjs").Workload} */
export const diff = {
  name: "diff",
  title: "Diff",
  summary: "two snapshots of 100,000 files that differ in 10; library: the median of 101 calls",
  isTimed: true,
  async run(bench) {
    const tree = bench.scratch.copyTree(treeData(bench, generatedTree.name));
    const able = bench.options.rivals.filter((rival) => rival.diff !== undefined);
    const stores = new Map();
    const once = await bench.takeTurns(able, 1, (rival) => {
      stores.set(rival, bench.makeStore(rival));
      bench.capture(rival, tree, stores.get(rival), "first");
    });
    appendToFiles(tree, pickFiles(tree, CHANGED_COUNT), 0);
    const twice = await bench.takeTurns(once, 1, (rival) => {
      bench.capture(rival, tree, stores.get(rival), "second");
    });
    await bench.takeTurns(twice, bench.options.repetitions, (rival) => {
      const commands = rival.diff?.(stores.get(rival), "first", "second") ?? [];
      const { elapsedMs, stdout } = bench.time(rival, commands, [stores.get(rival).root]);
      bench.record("time", rival, "ms", rival.timesItself ? libraryMedian(stdout) : elapsedMs);
    });
  },
};

/** @param {string} stdout what coppice-library-call.mjs prints for a diff */
function libraryMedian(stdout) {
  const { valuesMs, changes } = JSON.parse(stdout);
  if (changes !== CHANGED_COUNT) {
    throw new Error(`Diff found ${changes} changes, expected ${CHANGED_COUNT}`);
  }
  return median(valuesMs);
}
