/**
 * Fork: a writable directory from a tree that is kept. As calls in a process that runs, as whole processes, a
 * hundred at once, and the first of a tree, for which an image has to be built.
 */
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { manyTargets, workspaceRivals } from "./ground.mjs";

const CALL_COUNT = 200;
const MANY_COUNT = 100;

/** @typedef {import("./bench.mjs").Bench} Bench */
/** @typedef {import("./ground.mjs").Ground} Ground */

/** @type {import("./bench.mjs").Workload} */
export const fork = {
  name: "fork",
  title: "Fork",
  summary: `a writable directory from a tree that is kept: ${CALL_COUNT} calls a turn in one process, or a process for each`,
  isTimed: true,
  async run(bench) {
    for (const ground of bench.grounds()) {
      await measureFirst(bench, ground);
      await measureCalls(bench, ground);
      await measureProcesses(bench, ground);
      await measureMany(bench, ground);
    }
  },
};

/**
 * The first fork of a tree: each has a store from which nothing was ever forked.
 * @param {Bench} bench
 * @param {Ground} ground
 */
async function measureFirst(bench, ground) {
  const builders = workspaceRivals(bench, ({ workspaces }) => workspaces.buildsFirst === true);
  const rivals = await ground.keptBy(builders);
  const { repetitions, durability, verify } = bench.options;
  await bench.takeTurns(rivals, repetitions, (rival, repetition) => {
    const store = ground.freshStore(rival);
    const { workspaces } = rival;
    if (workspaces.calls !== undefined) {
      const options = { tree: ground.tree, store, count: 1, durability };
      const isVerified = verify && repetition === 0;
      const values = bench.timeCalls(rival, "first-fork", { ...options, verify: isVerified });
      bench.recordAll(`${ground.name}, first fork, call`, rival, "ms", values);
    } else {
      const place = { tree: ground.tree, store, target: ground.newPath(store, "fork") };
      const { elapsedMs } = bench.time(rival, workspaces.fork?.(place) ?? [], [store.repository]);
      bench.record(`${ground.name}, first fork, process`, rival, "ms", elapsedMs);
      ground.leave(rival, place);
    }
    bench.scratch.putAside(store.root);
  });
}

/**
 * @param {Bench} bench
 * @param {Ground} ground
 */
async function measureCalls(bench, ground) {
  const rivals = await ground.keptBy(
    workspaceRivals(bench, ({ workspaces }) => workspaces.calls !== undefined),
  );
  const { repetitions, durability, verify } = bench.options;
  const options = { tree: ground.tree, durability };
  const forking = await bench.takeTurns(rivals, repetitions, (rival, repetition) => {
    const { store } = ground.newPlace(rival);
    const isVerified = verify && repetition === 0;
    const own = { ...options, store, count: CALL_COUNT, verify: isVerified };
    const values = bench.timeCalls(rival, "fork", own);
    bench.recordAll(`${ground.name}, one fork, call`, rival, "ms", values);
  });
  await bench.takeTurns(forking, repetitions, (rival) => {
    const { store } = ground.newPlace(rival);
    const own = { ...options, store, count: MANY_COUNT, verify: false };
    const values = bench.timeCalls(rival, "fork-many", own);
    bench.recordAll(`${ground.name}, ${MANY_COUNT} forks, calls`, rival, "ms", values);
  });
}

/**
 * @param {Bench} bench
 * @param {Ground} ground
 */
async function measureProcesses(bench, ground) {
  const rivals = await ground.keptBy(
    workspaceRivals(
      bench,
      ({ workspaces }) => workspaces.fork !== undefined && workspaces.forkIsThatOf === undefined,
    ),
  );
  await bench.takeTurns(rivals, bench.options.repetitions, (rival, repetition) => {
    const { workspaces } = rival;
    const place = ground.newPlace(rival);
    const reads = workspaces.reads?.(place) ?? [place.store.repository];
    const { elapsedMs } = bench.time(rival, workspaces.fork?.(place) ?? [], reads);
    if (bench.options.verify && repetition === 0) {
      assertSameFiles(ground.tree, place.target, workspaces.ownNames);
    }
    bench.record(`${ground.name}, one fork, process`, rival, "ms", elapsedMs);
    ground.leave(rival, place);
  });
}

/**
 * @param {Bench} bench
 * @param {Ground} ground
 */
async function measureMany(bench, ground) {
  const rivals = await ground.keptBy(
    workspaceRivals(bench, ({ workspaces }) => workspaces.forkMany !== undefined),
  );
  await bench.takeTurns(rivals, bench.options.repetitions, (rival) => {
    const { workspaces } = rival;
    const place = ground.newPlace(rival);
    const { elapsedMs } = bench.time(rival, workspaces.forkMany?.(place, MANY_COUNT) ?? [], []);
    bench.record(`${ground.name}, ${MANY_COUNT} forks, processes`, rival, "ms", elapsedMs);
    ground.leave(rival, place, manyTargets(place, MANY_COUNT));
  });
}
