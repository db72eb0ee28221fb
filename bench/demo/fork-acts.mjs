/**
 * The second half of the demo: a snapshot is forked eight ways, each fork is changed, captured and compared, one goes
 * back, and all are thrown away; beside that, what one plain copy takes.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { formatBytes } from "#dist/cli/output/format-bytes.js";
import { directoryUsage } from "../measure/directory-usage.mjs";
import { compareDirectories } from "./compare-directories.mjs";
import { forkEdits } from "./fork-edits.mjs";

const FORK_COUNT = 8;

/** @typedef {import("./stage.mjs").Stage} Stage */
/** @typedef {import("coppice").Store} Store */
/** @typedef {import("coppice").Snapshot} Snapshot */
/** @typedef {import("coppice").Workspace} Workspace */

/**
 * @param {Stage} stage
 * @param {Store} store
 * @param {Snapshot} base
 * @param {{ source: string, scratch: string }} paths the original, and the directory that holds the store
 */
export async function performForks(stage, store, base, { source, scratch }) {
  const plainCopy = join(scratch, "plain");
  const forks = join(scratch, "fork");
  await stage.time("One plain copy of it: cp -a", async () => {
    await promisify(execFile)("cp", ["-a", source, plainCopy]);
    return [`${formatBytes(directoryUsage(plainCopy).allocated)} on disk`];
  });

  const before = directoryUsage(scratch).allocated;
  const [first, ...others] = await forkAll(stage, store, base, forks);
  if (first === undefined) throw new Error("No fork was made");
  const workspaces = [first, ...others];
  try {
    await explainDriver(stage, store, first, forks);
    const taken = directoryUsage(scratch).allocated - before;
    stage.note(`all eight together take ${formatBytes(taken)} on disk`);
    stage.check(await compareDirectories(source, first.path), "the directory and a fork");

    const edits = forkEdits(source, FORK_COUNT);
    const done = workspaces.map(({ path }, index) => `${index + 1}  ${edits[index]?.(path)}`);
    stage.edit("Change each fork in another way", done);
    const snapshots = await snapshotAll(stage, workspaces);
    await stage.diffMany("Tell each from the first snapshot", store, base, snapshots);

    await stage.time("Take fork 1 back to it", async () => {
      await first.restore(base);
      return ["in place"];
    });
    stage.check(await compareDirectories(source, first.path), "the directory and fork 1");
  } finally {
    await stage.time("Discard all eight", async () => {
      for (const workspace of workspaces) await workspace.discard();
      return ["their snapshots stay"];
    });
  }
}

/**
 * @param {Stage} stage
 * @param {Store} store
 * @param {Snapshot} base
 * @param {string} forks
 */
async function forkAll(stage, store, base, forks) {
  /** @type {Workspace[]} */
  const made = [];
  try {
    await stage.time("Fork the first snapshot", async (signal) => {
      made.push(await store.fork(base, { dir: `${forks}-1`, signal }));
      return [made[0]?.driver === "overlayfs" ? "an image is made once" : "one fork"];
    });
    await stage.time("Fork it seven times more", async (signal) => {
      const rest = { dir: `${forks}-more`, count: FORK_COUNT - 1, signal };
      for (const outcome of await store.fork(base, rest)) {
        if (outcome.status === "rejected") throw outcome.reason;
        made.push(outcome.value);
      }
      return [`by driver ${made[0]?.driver}`];
    });
    return made;
  } catch (error) {
    for (const workspace of made) await workspace.discard();
    throw error;
  }
}

/**
 * Says why a better driver was not used.
 * @param {Stage} stage
 * @param {Store} store
 * @param {Workspace} workspace
 * @param {string} directory
 */
async function explainDriver(stage, store, { driver }, directory) {
  for (const { name, problem } of await store.drivers(directory)) {
    if (name === driver) return;
    stage.note(`not ${name}: ${problem}`);
  }
}

/**
 * @param {Stage} stage
 * @param {readonly Workspace[]} workspaces
 */
async function snapshotAll(stage, workspaces) {
  /** @type {Snapshot[]} */
  const snapshots = [];
  await stage.time("Capture each of them", async () => {
    let bytesNew = 0;
    for (const workspace of workspaces) {
      const taken = await workspace.snapshot();
      snapshots.push(taken.snapshot);
      bytesNew += taken.bytesNew;
    }
    return [`${workspaces.length} snapshots`, `${formatBytes(bytesNew)} new`];
  });
  return snapshots;
}
