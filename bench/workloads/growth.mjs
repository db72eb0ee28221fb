/**
 * Growth: by how many bytes a small change makes the store larger, measured after the process
 * has closed it. Each repetition changes other bytes.
 */
import { join } from "node:path";
import { flatDirectory, flatFileName } from "../data/flat-directory.mjs";
import { RANDOM_FILE_NAME, smallRandomFile } from "../data/random-file.mjs";
import { SeededRandom } from "../data/seeded-random.mjs";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { settle } from "../measure/settle.mjs";
import { appendToFiles, overwriteBytes, prependBytes } from "./edit-files.mjs";
import { treeData } from "./tree-data.mjs";

const FILE_BYTES = 32 * 1024 ** 2;
const EDIT_COUNT = 16;
const EDIT_BYTES = 10;

/** @type {import("./bench.mjs").Workload} */
export const growth = {
  name: "growth",
  title: "Growth of the store",
  summary: "bytes that small changes add to the store: as sizes of files, and as blocks on disk",
  isTimed: false,
  async run(bench) {
    const original = treeData(bench, smallRandomFile.name);
    // The edits of a repetition are the same for all rivals, so each needs an unedited file.
    const fileTurn = {
      take: () => bench.scratch.copyTree(original),
      leave: (/** @type {string} */ tree) => bench.scratch.remove(tree),
    };
    await measure(bench, "sixteen 10-byte edits", fileTurn, (tree, repetition, capture) => {
      const random = new SeededRandom(repetition + 1);
      for (let edit = 0; edit < EDIT_COUNT; edit += 1) {
        overwriteBytes(join(tree, RANDOM_FILE_NAME), FILE_BYTES, EDIT_BYTES, random);
        capture(`edit-${edit}`);
      }
    });
    await measure(bench, "10-byte prepend", fileTurn, (tree, repetition, capture) => {
      const bytes = new SeededRandom(repetition + 1).bytes(EDIT_BYTES);
      prependBytes(join(tree, RANDOM_FILE_NAME), bytes);
      capture("prepend");
    });
    // One copy is enough here: another line at the end of a file is a change each time.
    const flat = bench.scratch.copyTree(treeData(bench, flatDirectory.name));
    const flatTurn = { take: () => flat, leave: () => undefined };
    await measure(bench, "one file of 100,000", flatTurn, (tree, repetition, capture) => {
      appendToFiles(tree, [flatFileName(50_000 + repetition)], repetition);
      capture("one-file");
    });
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {string} title
 * @param {{ take: () => string, leave: (tree: string) => void }} trees the tree of each turn
 * @param {(tree: string, repetition: number, capture: (label: string) => void) => void} change
 */
async function measure(bench, title, trees, change) {
  const rivals = bench.options.rivals.filter(
    (r) => r.capture !== undefined && r.keepsHistory && r.timesItself !== true,
  );
  await bench.takeTurns(rivals, bench.options.repetitions, (rival, repetition) => {
    const store = bench.makeStore(rival);
    const tree = trees.take();
    try {
      bench.capture(rival, tree, store, "first");
      const before = usage(store.repository);
      change(tree, repetition, (label) => bench.capture(rival, tree, store, label));
      const after = usage(store.repository);
      bench.record(`${title}, sizes`, rival, "bytes", after.apparent - before.apparent);
      bench.record(`${title}, blocks`, rival, "bytes", after.allocated - before.allocated);
    } finally {
      trees.leave(tree);
      bench.scratch.remove(store.root);
    }
  });
}

/** @param {string} repository */
function usage(repository) {
  // Blocks are only allocated for good once the data is written back.
  settle(repository, false);
  return directoryUsage(repository);
}
