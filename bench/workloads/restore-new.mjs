/** Restore of a tree into a new directory, which is then compared with the original. */
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const restoreNew = {
  name: "restore-new",
  title: "Restore to a new directory",
  summary: "the whole tree out of the store; the first of each rival is compared byte by byte",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const able = bench.options.rivals.filter((rival) => rival.restore !== undefined);
    const stores = new Map();
    const ready = await bench.takeTurns(able, 1, (rival) => {
      const store = bench.makeStore(rival);
      bench.capture(rival, tree, store, "first");
      stores.set(rival, store);
    });
    await bench.takeTurns(ready, bench.options.repetitions, (rival, repetition) => {
      const target = bench.scratch.makeDirectory();
      try {
        const store = stores.get(rival);
        const commands = rival.restore?.(store, "first", target) ?? [];
        const { elapsedMs } = bench.time(rival, commands, [store.root]);
        if (bench.options.verify && repetition === 0) assertSameFiles(tree, target);
        bench.record("time", rival, "ms", elapsedMs);
      } finally {
        bench.scratch.putAside(target);
      }
    });
  },
};
