/** First capture of a tree into an empty store. */
import { directoryUsage } from "../measure/directory-usage.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const firstCapture = {
  name: "first-capture",
  title: "First capture",
  summary: "the whole tree into an empty store, and the bytes that the store then takes on disk",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const able = bench.options.rivals.filter((rival) => rival.capture !== undefined);
    await bench.takeTurns(able, bench.options.repetitions, (rival) => {
      const store = bench.makeStore(rival);
      try {
        bench.record("time", rival, "ms", bench.capture(rival, tree, store, "first"));
        bench.record("stored", rival, "bytes", directoryUsage(store.repository).allocated);
      } finally {
        bench.scratch.putAside(store.root);
      }
    });
  },
};
