/**
 * Repair of a store that has lost its index: it is made anew from the stored data alone, and the first store of each rival is
 * then restored and compared with the original.
 */
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const repair = {
  name: "repair",
  title: "Repair without an index",
  summary:
    "the store with the whole tree after its index was deleted (Coppice: the catalog), made whole from the stored data; and the bytes of these. What is looked at beside differs: restic reads the headers of its packs alone, borg all bytes without their digests, Coppice computes all digests",
  isTimed: true,
  async run(bench) {
    const tree = treeData(bench, bench.options.tree);
    const able = bench.options.rivals.filter((rival) => rival.upkeep !== undefined);
    const stores = new Map();
    const ready = await bench.takeTurns(able, 1, (rival) => {
      stores.set(rival, bench.makeStore(rival));
      bench.capture(rival, tree, stores.get(rival), "first");
    });
    const repaired = await bench.takeTurns(ready, bench.options.repetitions, (rival) => {
      const store = stores.get(rival);
      runCommands(rival.upkeep?.loseIndex(store) ?? []);
      const commands = rival.upkeep?.repair(store) ?? [];
      const { elapsedMs } = bench.time(rival, commands, [store.root]);
      bench.record("time", rival, "ms", elapsedMs);
      const data = rival.upkeep?.data(store) ?? store.repository;
      bench.record("stored data", rival, "bytes", directoryUsage(data).apparent);
    });
    if (!bench.options.verify) return;
    // After the last turn: what is restored would be in the way of the others.
    await bench.takeTurns(repaired, 1, (rival) => {
      if (rival.restore === undefined) return;
      const target = bench.scratch.makeDirectory();
      runCommands(rival.restore(stores.get(rival), "first", target));
      assertSameFiles(tree, target);
      bench.scratch.putAside(target);
    });
  },
};
