/**
 * Snapshot of a workspace in which ten bytes of one file were overwritten: the first after the fork, or one after
 * many others, with and without waiting for the disk; and when nothing was changed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommands } from "../measure/run-commands.mjs";
import { FileEditor } from "./file-editor.mjs";
import { workspaceRivals } from "./ground.mjs";

const CALL_COUNT = 200;

/** @typedef {import("../rivals/rival.mjs").CallVerb} CallVerb */
/** @typedef {import("../rivals/rival.mjs").Durability} Durability */

/** @type {readonly { title: string, verb: CallVerb, durability: Durability }[]} */
const CALLS = [
  { title: "first edit, relaxed", verb: "snapshot-new", durability: "relaxed" },
  { title: "first edit, full", verb: "snapshot-new", durability: "full" },
  { title: "edit after edit, relaxed", verb: "snapshot-again", durability: "relaxed" },
  { title: "edit after edit, full", verb: "snapshot-again", durability: "full" },
  { title: "unchanged", verb: "unchanged", durability: "relaxed" },
];

/** @type {readonly { title: string, isEdited: boolean, durability: Durability }[]} */
const PROCESSES = [
  { title: "edit after edit, relaxed", isEdited: true, durability: "relaxed" },
  { title: "edit after edit, full", isEdited: true, durability: "full" },
  { title: "unchanged", isEdited: false, durability: "relaxed" },
];

/** @type {import("./bench.mjs").Workload} */
export const workspaceSnapshot = {
  name: "workspace-snapshot",
  title: "Snapshot of a workspace",
  summary: `ten bytes of one file were overwritten, or nothing was changed; ${CALL_COUNT} calls a turn, or a process for each`,
  isTimed: true,
  async run(bench) {
    for (const ground of bench.grounds()) {
      for (const each of CALLS) await measureCalls(bench, ground, each);
      for (const each of PROCESSES) await measureProcesses(bench, ground, each);
    }
  },
};

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {import("./ground.mjs").Ground} ground
 * @param {(typeof CALLS)[number]} what
 */
async function measureCalls(bench, ground, { title, verb, durability }) {
  const able = workspaceRivals(bench, ({ workspaces }) =>
    (workspaces.calls?.verbs ?? []).includes(verb),
  );
  const { repetitions, verify } = bench.options;
  await bench.takeTurns(await ground.keptBy(able), repetitions, (rival, repetition) => {
    const values = bench.timeCalls(rival, verb, {
      tree: ground.tree,
      store: ground.newPlace(rival).store,
      count: CALL_COUNT,
      durability,
      verify: verify && repetition === 0,
    });
    bench.recordAll(`${ground.name}, ${title}, call`, rival, "ms", values);
  });
}

/**
 * @param {import("./bench.mjs").Bench} bench
 * @param {import("./ground.mjs").Ground} ground
 * @param {(typeof PROCESSES)[number]} what
 */
async function measureProcesses(bench, ground, { title, isEdited, durability }) {
  const editor = new FileEditor(ground.tree);
  const able = workspaceRivals(bench, ({ workspaces }) => workspaces.snapshot !== undefined);
  const rivals = await ground.withWorkspace(able);
  await bench.takeTurns(rivals, bench.options.repetitions, (rival, repetition) => {
    const { workspaces } = rival;
    const place = ground.workspaceOf(rival);
    const label = ground.newLabel(rival);
    const path = isEdited ? editor.edit(place.target, ground.newNumber()) : undefined;
    const commands = workspaces.snapshot?.({ ...place, label, durability }) ?? [];
    const { elapsedMs } = bench.time(rival, commands, [place.target]);
    if (bench.options.verify && repetition === 0 && path !== undefined) {
      const { stdout } = runCommands(workspaces.readBack?.({ ...place, label, path }) ?? []);
      if (stdout !== readFileSync(join(place.target, path), "utf8")) {
        throw new Error(`Snapshot differs: the content of ${path}`);
      }
    }
    bench.record(`${ground.name}, ${title}, process`, rival, "ms", elapsedMs);
  });
}
