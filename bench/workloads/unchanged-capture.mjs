/** Capture of a tree in which nothing has changed since the last one: three in four are such. */
import { runCommands } from "../measure/run-commands.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const unchangedCapture = {
  name: "unchanged-capture",
  title: "Unchanged capture",
  summary: "the same tree again, into the store that has it",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const able = bench.options.rivals.filter((rival) => rival.capture !== undefined);
    const stores = new Map();
    const ready = await bench.takeTurns(able, 1, (rival) => {
      const store = bench.makeStore(rival);
      bench.capture(rival, tree, store, "first");
      runCommands(rival.prepareAgain?.(tree, store) ?? []);
      stores.set(rival, store);
    });
    await bench.takeTurns(ready, bench.options.repetitions, (rival, repetition) => {
      const elapsedMs = bench.capture(rival, tree, stores.get(rival), `again-${repetition}`);
      bench.record("time", rival, "ms", elapsedMs);
    });
  },
};
