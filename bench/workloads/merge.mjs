/**
 * Merge of two snapshots of 100,000 files that each changed 10 files of their own: as a library call, and as whole
 * processes.
 */
import { lstatSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { generatedTree } from "../data/generated-tree.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { median } from "../measure/statistics.mjs";
import { appendToFiles, pickFiles } from "./edit-files.mjs";
import { treeData } from "./tree-data.mjs";

const CHANGED_COUNT = 10;

/** @type {import("./bench.mjs").Workload} */
export const merge = {
  name: "merge",
  title: "Merge",
  summary:
    "two snapshots of 100,000 files that changed 10 files each, since a third one; library: the median of 101 calls",
  isTimed: true,
  async run(bench) {
    const tree = bench.scratch.copyTree(treeData(bench, generatedTree.name));
    const files = pickFiles(tree, 2 * CHANGED_COUNT);
    const sides = [0, 1].map((side) => files.filter((_, index) => index % 2 === side));
    const stores = new Map();
    let running = bench.options.rivals.filter((rival) => rival.merge !== undefined);
    running = await bench.takeTurns(running, 1, (rival) => {
      stores.set(rival, bench.makeStore(rival));
      bench.capture(rival, tree, stores.get(rival), "first");
    });
    for (const [index, label] of ["ours", "theirs"].entries()) {
      const changed = sides[index] ?? [];
      const sizes = changed.map((path) => lstatSync(join(tree, path)).size);
      appendToFiles(tree, changed, index);
      running = await bench.takeTurns(running, 1, (rival) => {
        bench.capture(rival, tree, stores.get(rival), label);
      });
      for (const [at, path] of changed.entries()) truncateSync(join(tree, path), sizes[at]);
    }
    running = await bench.takeTurns(running, 1, (rival) => {
      runCommands(rival.prepareMerge?.(stores.get(rival), "first", "ours", "theirs") ?? []);
    });
    await bench.takeTurns(running, bench.options.repetitions, (rival) => {
      const commands = rival.merge?.(stores.get(rival), "first", "ours", "theirs") ?? [];
      const { elapsedMs, stdout } = bench.time(rival, commands, [stores.get(rival).root]);
      bench.record("time", rival, "ms", rival.timesItself ? libraryMedian(stdout) : elapsedMs);
    });
  },
};

/** @param {string} stdout what coppice-library-call.mjs prints for a merge */
function libraryMedian(stdout) {
  const { valuesMs, changes } = JSON.parse(stdout);
  if (changes !== CHANGED_COUNT) {
    throw new Error(`Merge made ${changes} changes, expected ${CHANGED_COUNT}`);
  }
  return median(valuesMs);
}
