/**
 * Largest resident set of the whole process, for 100,000 files and for one file of 4 GiB. One
 * measurement each: memory varies little, and the large file takes long.
 */
import { generatedTree } from "../data/generated-tree.mjs";
import { largeRandomFile } from "../data/random-file.mjs";
import { runWithPeakMemory } from "../measure/peak-memory.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { treeData } from "./tree-data.mjs";

/** @type {import("./bench.mjs").Workload} */
export const memory = {
  name: "memory",
  title: "Memory",
  summary: "largest resident set of a first capture, an unchanged one and a restore",
  isTimed: false,
  async run(bench) {
    const rivals = bench.options.rivals.filter(
      (r) => r.capture !== undefined && r.keepsHistory && r.timesItself !== true,
    );
    await measure(bench, rivals, "100,000 files", treeData(bench, generatedTree.name));
    await measure(bench, rivals, "4 GiB file", treeData(bench, largeRandomFile.name));
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {readonly import("./bench.mjs").Rival[]} rivals
 * @param {string} title
 * @param {string} tree
 */
async function measure(bench, rivals, title, tree) {
  await bench.takeTurns(rivals, 1, async (rival) => {
    const store = bench.makeStore(rival);
    const target = bench.scratch.makeDirectory();
    /**
     * @param {string} verb
     * @param {readonly import("./bench.mjs").Command[]} commands
     */
    const run = async (verb, commands) => {
      const { peakBytes, stdout } = await runWithPeakMemory(commands);
      bench.record(`${title}, ${verb}`, rival, "bytes", peakBytes);
      return stdout;
    };
    try {
      const stdout = await run("first capture", rival.capture?.(tree, store, "first") ?? []);
      runCommands(rival.afterCapture?.(store, "first", stdout) ?? []);
      const again = rival.captureAgain ?? rival.capture;
      await run("unchanged capture", again?.(tree, store, "again") ?? []);
      await run("restore", rival.restore?.(store, "first", target) ?? []);
    } finally {
      bench.scratch.remove(store.root);
      bench.scratch.remove(target);
    }
  });
}
