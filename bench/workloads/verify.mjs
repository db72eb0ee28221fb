/** Verification of all that a store holds, down to its cryptographic digests, beside the bare computing of these. */
import { directoryUsage } from "../measure/directory-usage.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const verify = {
  name: "verify",
  title: "Verification of all bytes",
  summary:
    "the store with the whole tree, checked down to the digests of its content; beside it SHA-256 of as many bytes as Coppice looks at, and nothing else, on all cores",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const able = bench.options.rivals.filter((rival) => rival.upkeep !== undefined);
    const stores = new Map();
    const ready = await bench.takeTurns(able, 1, (rival) => {
      const store = bench.makeStore(rival);
      bench.capture(rival, tree, store, "first");
      stores.set(rival, store);
      const data = rival.upkeep?.data(store) ?? store.repository;
      bench.record("stored data", rival, "bytes", directoryUsage(data).apparent);
    });
    const hashers = bench.options.rivals.filter((rival) => rival.hash !== undefined);
    let bytesChecked = 0;
    await bench.takeTurns([...ready, ...hashers], bench.options.repetitions, (rival) => {
      if (rival.hash !== undefined) {
        if (bytesChecked === 0) return;
        bench.record(
          "time",
          rival,
          "ms",
          bench.time(rival, rival.hash(bytesChecked), []).elapsedMs,
        );
        return;
      }
      const store = stores.get(rival);
      const commands = rival.upkeep?.verify(store) ?? [];
      const { elapsedMs, stdout } = bench.time(rival, commands, [store.root]);
      if (rival.name.startsWith("coppice")) bytesChecked = JSON.parse(stdout).bytesChecked;
      bench.record("time", rival, "ms", elapsedMs);
    });
  },
};
