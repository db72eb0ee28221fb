/** Rollback: one file of a workspace was edited, and the workspace goes back to its last snapshot, in place. */
import { assertSameFiles } from "../measure/assert-same-files.mjs";
import { FileEditor } from "./file-editor.mjs";
import { workspaceRivals } from "./ground.mjs";

const CALL_COUNT = 200;

/** @type {import("./bench.mjs").Workload} */
export const rollback = {
  name: "rollback",
  title: "Rollback",
  summary: `a workspace in which one file was edited, back to its last snapshot; ${CALL_COUNT} calls a turn, or a process for each`,
  isTimed: true,
  async run(bench) {
    for (const ground of bench.grounds()) {
      await measureCalls(bench, ground);
      await measureProcesses(bench, ground);
    }
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {import("./ground.mjs").Ground} ground
 */
async function measureCalls(bench, ground) {
  const able = workspaceRivals(bench, ({ workspaces }) =>
    (workspaces.calls?.verbs ?? []).includes("rollback"),
  );
  const { repetitions, durability, verify } = bench.options;
  await bench.takeTurns(await ground.keptBy(able), repetitions, (rival, repetition) => {
    const values = bench.timeCalls(rival, "rollback", {
      tree: ground.tree,
      store: ground.newPlace(rival).store,
      count: CALL_COUNT,
      durability,
      verify: verify && repetition === 0,
    });
    bench.recordAll(`${ground.name}, call`, rival, "ms", values);
  });
}

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {import("./ground.mjs").Ground} ground
 */
async function measureProcesses(bench, ground) {
  const editor = new FileEditor(ground.tree);
  const able = workspaceRivals(bench, ({ workspaces }) => workspaces.rollback !== undefined);
  const rivals = await ground.withWorkspace(able);
  await bench.takeTurns(rivals, bench.options.repetitions, (rival, repetition) => {
    const { workspaces } = rival;
    const place = ground.workspaceOf(rival);
    const aside = ground.newPath(place.store, "aside");
    const last = ground.lastSnapshotOf(rival);
    editor.edit(place.target, repetition);
    const reads = workspaces.reads?.(place) ?? [place.store.repository];
    const commands = workspaces.rollback?.({ ...place, last, aside }) ?? [];
    const { elapsedMs } = bench.time(rival, commands, [...reads, place.target]);
    if (bench.options.verify && repetition === 0 && last === "base") {
      assertSameFiles(ground.tree, place.target, workspaces.ownNames);
    }
    bench.record(`${ground.name}, process`, rival, "ms", elapsedMs);
    ground.putAside(workspaces.fileSystem, aside);
  });
}
