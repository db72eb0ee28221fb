/** A catalog of ten million chunks: opening it, and the question of every capture, which of these chunks are new. */
import { chunkRows } from "../data/chunk-rows.mjs";
import { quantiles } from "../measure/statistics.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const manyChunks = {
  name: "many-chunks",
  title: "Ten million chunks",
  summary:
    "a catalog that lists ten million chunks: `Store.open`, and a capture's question whether a chunk is known, for one of a batch of 400 of which every second one is",
  isTimed: true,
  async run(bench) {
    const directory = treeData(bench, chunkRows.name);
    const able = bench.options.rivals.filter((rival) => rival.chunkRows !== undefined);
    await bench.takeTurns(able, bench.options.repetitions, (rival) => {
      const measure = (/** @type {"open" | "look-up"} */ verb) => {
        const command = rival.chunkRows?.(directory, verb);
        const printed = bench.time({ ...rival, timesItself: false }, command ? [command] : [], [
          directory,
        ]);
        return /** @type {number[]} */ (JSON.parse(printed.stdout).valuesMs);
      };
      const [first = Number.NaN, ...again] = measure("open");
      bench.record("open, first in its process", rival, "ms", first);
      bench.recordAll("open again", rival, "ms", again);
      bench.recordAll("one lookup", rival, "ms", quantiles(measure("look-up")));
    });
  },
};
