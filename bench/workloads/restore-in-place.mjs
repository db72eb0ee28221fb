/**
 * Restore in place: 20 files of a captured tree have changed and the tree is brought back. Each
 * rival has a tree of its own, because each remembers what it wrote. Rivals that would write the whole tree
 * again are left out.
 */
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { appendToFiles, pickFiles } from "./edit-files.mjs";
import { treeData } from "./tree-data.mjs";

const CHANGED_COUNT = 20;

/** @type {import("./bench.mjs").Workload} */
export const restoreInPlace = {
  name: "restore-in-place",
  title: "Restore in place",
  summary: `the tree in which ${CHANGED_COUNT} files have changed, back to the captured state`,
  isTimed: true,
  async run(bench) {
    const original = treeData(bench, bench.options.tree);
    const changed = pickFiles(original, CHANGED_COUNT);
    const able = bench.options.rivals.filter((rival) => rival.restoreInPlace !== undefined);
    const places = new Map();
    const ready = await bench.takeTurns(able, 1, (rival) => {
      const store = bench.makeStore(rival);
      const tree = bench.scratch.copyTree(original);
      bench.capture(rival, tree, store, "first");
      places.set(rival, { store, tree });
    });
    await bench.takeTurns(ready, bench.options.repetitions, (rival, repetition) => {
      const { store, tree } = places.get(rival);
      appendToFiles(tree, changed, repetition);
      const commands = rival.restoreInPlace?.(store, "first", tree) ?? [];
      const { elapsedMs } = bench.time(rival, commands, [store.root, tree]);
      if (bench.options.verify && repetition === 0) assertSameFiles(original, tree);
      bench.record("time", rival, "ms", elapsedMs);
    });
  },
};
