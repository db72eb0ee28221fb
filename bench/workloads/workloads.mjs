/**
 * All workloads, in the order in which they run: the timed ones first, because the others remove
 * files (see scratch.mjs).
 */
import { collect } from "./collect.mjs";
import { diff } from "./diff.mjs";
import { firstCapture } from "./first-capture.mjs";
import { fork } from "./fork.mjs";
import { growth } from "./growth.mjs";
import { idleForks } from "./idle-forks.mjs";
import { manyChunks } from "./many-chunks.mjs";
import { memory } from "./memory.mjs";
import { merge } from "./merge.mjs";
import { overlays } from "./overlays.mjs";
import { readForkedTree } from "./read-forked-tree.mjs";
import { registryGet, registryPages, upload } from "./registry.mjs";
import { repair } from "./repair.mjs";
import { restoreInPlace } from "./restore-in-place.mjs";
import { restoreNew } from "./restore-new.mjs";
import { rollback } from "./rollback.mjs";
import { traces } from "./traces.mjs";
import { unchangedCapture } from "./unchanged-capture.mjs";
import { verify } from "./verify.mjs";
import { workspaceSnapshot } from "./workspace-snapshot.mjs";
import { writeInWorkspace } from "./write-in-workspace.mjs";

const ALL = [
  firstCapture,
  unchangedCapture,
  restoreNew,
  restoreInPlace,
  diff,
  merge,
  verify,
  collect,
  repair,
  manyChunks,
  upload,
  registryGet,
  registryPages,
  traces,
  // These share one workspace of each rival: it is read as it was forked, and what was written in it stays.
  fork,
  readForkedTree,
  rollback,
  workspaceSnapshot,
  writeInWorkspace,
  memory,
  growth,
  idleForks,
  ...overlays,
];

/**
 * Returns the workloads of the given names, or all.
 * @param {readonly string[]} names none means all
 * @returns {import("./bench.mjs").Workload[]}
 * @throws {RangeError} when there is no workload of a name
 */
export function chooseWorkloads(names) {
  for (const name of names) {
    if (!ALL.some((workload) => workload.name === name)) {
      throw new RangeError(`No workload ${name}: there are ${ALL.map((w) => w.name).join(", ")}`);
    }
  }
  return names.length === 0 ? ALL : ALL.filter((workload) => names.includes(workload.name));
}
