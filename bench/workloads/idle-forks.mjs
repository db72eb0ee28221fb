/**
 * Idle forks: what workspaces take in which nothing happens, on disk and of the kernel's memory. A hundred where
 * that is cheap, and one of each rival.
 */
import { runCommands } from "../measure/run-commands.mjs";
import { kernelMemoryBytes } from "./file-systems.mjs";
import { manyTargets, workspaceRivals } from "./ground.mjs";

const MANY_COUNT = 100;

/** @type {import("./bench.mjs").Workload} */
export const idleForks = {
  name: "idle-forks",
  title: "Idle forks",
  summary: `what ${MANY_COUNT} workspaces take in which nothing happens, and what one does`,
  isTimed: false,
  async run(bench) {
    for (const ground of bench.grounds()) {
      const single = await ground.keptBy(
        workspaceRivals(
          bench,
          ({ workspaces }) =>
            workspaces.fork !== undefined && workspaces.forkIsThatOf === undefined,
        ),
      );
      await bench.takeTurns(single, 1, (rival) => measureOne(bench, ground, rival));
      const many = single.filter(({ workspaces }) => workspaces.forkMany !== undefined);
      await bench.takeTurns(many, bench.options.repetitions, (rival) =>
        measureMany(bench, ground, rival),
      );
    }
  },
};

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("./ground.mjs").Ground} Ground */
/** @typedef {import("./ground.mjs").WorkspaceRival} WorkspaceRival */

/**
 * @param {Bench} bench
 * @param {Ground} ground
 * @param {WorkspaceRival} rival
 */
function measureOne(bench, ground, rival) {
  const { workspaces } = rival;
  const place = ground.newPlace(rival);
  const before = usedBytes(bench, rival, place);
  runCommands(workspaces.fork?.(place) ?? []);
  const taken = usedBytes(bench, rival, place) - before;
  bench.record(`${ground.name}, one fork, disk`, rival, "bytes", taken);
  ground.leave(rival, place);
}

/**
 * @param {Bench} bench
 * @param {Ground} ground
 * @param {WorkspaceRival} rival
 */
function measureMany(bench, ground, rival) {
  const { workspaces } = rival;
  const place = ground.newPlace(rival);
  const before = { disk: usedBytes(bench, rival, place), memory: kernelMemoryBytes() };
  runCommands(workspaces.forkMany?.(place, MANY_COUNT) ?? []);
  const memory = kernelMemoryBytes() - before.memory;
  const disk = usedBytes(bench, rival, place) - before.disk;
  bench.record(`${ground.name}, ${MANY_COUNT} forks, disk`, rival, "bytes", disk);
  bench.record(`${ground.name}, ${MANY_COUNT} forks, kernel memory`, rival, "bytes", memory);
  ground.leave(rival, place, manyTargets(place, MANY_COUNT));
}

/**
 * @param {Bench} bench
 * @param {WorkspaceRival} rival
 * @param {import("../rivals/rival.mjs").Place} place
 */
function usedBytes(bench, { workspaces }, { store }) {
  return bench.fileSystems.usedBytes(workspaces.fileSystem, store.root);
}
