/**
 * Removal of every second snapshot of a tree that was worked on, and giving the disk back what only these needed. The captures are made
 * once; each turn begins with a copy of the store.
 *
 * A hundred captures of 100,000 files take the others up to half an hour each: all are compared with ten, and Coppice
 * goes on to a hundred.
 */
import { generatedTree } from "../data/generated-tree.mjs";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { appendToFiles, pickFiles } from "./edit-files.mjs";
import { treeData } from "./tree-data.mjs";

/** Snapshots that are compared, and those that Coppice alone goes on to. */
const FEW = 10;
const MANY = 100;
/** Before each capture so many files get another line: these every time, and as many that change only then. */
const SAME_COUNT = 250;

/** @type {import("./bench.mjs").Workload} */
export const collect = {
  name: "collect",
  title: "Collection",
  summary: `snapshots of 100,000 files, of which ${2 * SAME_COUNT} changed before each (half of them every time): every second one is removed, then the disk gets back what nothing needs any more; the bytes are those of the repository afterwards`,
  isTimed: true,
  async run(bench) {
    const original = treeData(bench, generatedTree.name);
    const tree = bench.scratch.copyTree(original);
    const changes = planChanges(tree);
    const stores = new Map();
    const able = bench.options.rivals.filter((rival) => rival.upkeep !== undefined);
    const own = able.filter(({ name }) => name.startsWith("coppice"));
    // Both of Coppice's entries work on copies of one store.
    const others = able.filter((rival) => rival !== own[1]);
    const captureUpTo = async (
      /** @type {import("./bench.mjs").Rival[]} */ rivals,
      /** @type {number} */ from,
      /** @type {number} */ to,
    ) => {
      let running = rivals;
      for (let index = from; index < to; index += 1) {
        appendToFiles(tree, changes[index] ?? [], index);
        running = await bench.takeTurns(running, 1, (rival) => {
          const store = stores.get(rival) ?? bench.makeStore(rival);
          stores.set(rival, store);
          runCommands(rival.capture?.(tree, store, labelOf(index)) ?? []);
        });
      }
      if (own[1] !== undefined) stores.set(own[1], stores.get(own[0]));
      return able.filter((rival) => running.includes(rival) || rival === own[1]);
    };
    await measure(bench, await captureUpTo(others, 0, FEW), stores, FEW);
    const many = await captureUpTo(own.slice(0, 1), FEW, MANY);
    await measure(bench, many, stores, MANY);
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {readonly import("./bench.mjs").Rival[]} rivals
 * @param {ReadonlyMap<import("./bench.mjs").Rival, import("./bench.mjs").StorePaths>} stores
 * @param {number} count of their snapshots
 */
async function measure(bench, rivals, stores, count) {
  const labels = Array.from({ length: count }, (_, index) => labelOf(index));
  // The newest stays.
  const kept = labels.filter((_, index) => index % 2 === 1);
  const removed = labels.filter((_, index) => index % 2 === 0);
  await bench.takeTurns(rivals, bench.options.repetitions, (rival) => {
    const store = bench.copyStore(
      /** @type {import("./bench.mjs").StorePaths} */ (stores.get(rival)),
      bench.scratch.root,
    );
    const { remove, free } = /** @type {import("../rivals/rival.mjs").Upkeep} */ (rival.upkeep);
    try {
      const before = bytesOf(store);
      const removal = bench.time(rival, remove(store, removed, kept), [store.root]);
      const freeing = bench.time(rival, free(store), [store.root]);
      bench.record(`${count} snapshots, remove half`, rival, "ms", removal.elapsedMs);
      bench.record(`${count} snapshots, free`, rival, "ms", freeing.elapsedMs);
      bench.record(`${count} snapshots, before`, rival, "bytes", before);
      bench.record(`${count} snapshots, afterwards`, rival, "bytes", bytesOf(store));
    } finally {
      bench.scratch.putAside(store.root);
    }
  });
}

/** @param {import("./bench.mjs").StorePaths} store */
function bytesOf({ repository }) {
  return directoryUsage(repository).allocated;
}

/**
 * Returns which files change before each capture.
 * @param {string} tree
 */
function planChanges(tree) {
  const files = pickFiles(tree, (MANY + 1) * SAME_COUNT);
  /** Neighbours in the list are neighbours in the tree. */
  const slice = (/** @type {number} */ start) =>
    files.filter((_, index) => index % (MANY + 1) === start);
  return Array.from({ length: MANY }, (_, index) => [...slice(MANY), ...slice(index)]);
}

/** @param {number} index */
function labelOf(index) {
  return `state-${String(index).padStart(3, "0")}`;
}
