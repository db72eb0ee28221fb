/**
 * Measures calls on workspaces in this process and prints `{"valuesMs": number[]}`, a value for each call:
 *
 *     node measure-calls.mjs coppice|bare-overlayfs|btrfs VERB --store STORE --tree TREE --count COUNT
 *         [--durability full|relaxed] [--verify]
 *
 * Some calls that do not count come first, so that code and pages are warm; not so for `first-fork`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assertSameFiles } from "../../measure/assert-same-files.mjs";
import { FileEditor } from "../../workloads/file-editor.mjs";

const WARM_UP_COUNT = 20;

const CALLERS = {
  coppice: async () => (await import("./coppice-caller.mjs")).coppiceCaller,
  "bare-overlayfs": async () => (await import("./bare-overlayfs-caller.mjs")).bareOverlayfsCaller,
  btrfs: async () => (await import("./btrfs-caller.mjs")).btrfsCaller,
};

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: "string", default: "" },
    tree: { type: "string", default: "" },
    count: { type: "string", default: "1" },
    durability: { type: "string", default: "full" },
    verify: { type: "boolean", default: false },
  },
});
const [kind, verb] = positionals;
const count = Number(options.count);
const durability = options.durability === "relaxed" ? "relaxed" : "full";
const tree = options.tree;

const directory = mkdtempSync(join(options.store, "calls-"));
const makeCaller = await CALLERS[/** @type {keyof typeof CALLERS} */ (kind)]();
/** @type {import("./caller.mjs").Caller} */
const caller = await makeCaller({ repository: join(options.store, "repository"), directory });
try {
  console.log(JSON.stringify({ valuesMs: await measure() }));
} finally {
  await caller.close();
  rmSync(directory, { recursive: true });
}

/** @returns {Promise<number[]>} */
async function measure() {
  switch (verb) {
    case "fork":
      return measureForks(WARM_UP_COUNT);
    case "first-fork":
      return measureForks(0);
    case "fork-many":
      return [await measureManyForks()];
    case "snapshot-new":
      return measureSnapshotsOfNew();
    case "snapshot-again":
      return measureSnapshots();
    case "unchanged":
      return measureUnchanged();
    case "rollback":
      return measureRollbacks();
    default:
      throw new RangeError(`Cannot measure ${verb}`);
  }
}

/**
 * All workspaces stay until the end.
 * @param {number} warmUpCount
 */
async function measureForks(warmUpCount) {
  const values = await repeat(warmUpCount, async (index) => {
    const target = targetAt(index);
    caller.ready?.(target);
    return time(() => caller.fork(target));
  });
  if (options.verify) assertSameFiles(tree, targetAt(0));
  return values;
}

async function measureManyForks() {
  // Here too something is forked before, and not counted.
  await fork(targetAt(0));
  const prefix = join(directory, "many");
  for (let index = 1; index <= count; index += 1) caller.ready?.(`${prefix}-${index}`);
  const { forkMany } = caller;
  if (forkMany !== undefined) return time(() => forkMany(prefix, count));
  return time(async () => {
    for (let index = 1; index <= count; index += 1) await caller.fork(`${prefix}-${index}`);
  });
}

/** A workspace that was just made, one file edited in it. */
async function measureSnapshotsOfNew() {
  const editor = new FileEditor(tree);
  return repeat(WARM_UP_COUNT, async (index) => {
    const target = targetAt(index);
    await fork(target);
    const path = editor.edit(target, index);
    const valueMs = await time(() => snapshot(target, `new-${index}`));
    await verifySnapshot(target, `new-${index}`, path);
    await caller.discard(target);
    return valueMs;
  });
}

/** One workspace, one file edited before each snapshot, another one each time. */
async function measureSnapshots() {
  const editor = new FileEditor(tree);
  const target = targetAt(0);
  await fork(target);
  return repeat(WARM_UP_COUNT, async (index) => {
    const path = editor.edit(target, index);
    const valueMs = await time(() => snapshot(target, `again-${index}`));
    await verifySnapshot(target, `again-${index}`, path);
    return valueMs;
  });
}

async function measureUnchanged() {
  const target = targetAt(0);
  await fork(target);
  new FileEditor(tree).edit(target, 0);
  await snapshot(target, "edited");
  return repeat(WARM_UP_COUNT, (index) =>
    time(() =>
      caller.snapshotUnchanged === undefined
        ? snapshot(target, `unchanged-${index}`)
        : caller.snapshotUnchanged(target, `unchanged-${index}`),
    ),
  );
}

async function measureRollbacks() {
  const editor = new FileEditor(tree);
  const target = targetAt(0);
  await fork(target);
  return repeat(WARM_UP_COUNT, async (index) => {
    editor.edit(target, index);
    caller.readyToRollback?.(target);
    const valueMs = await time(() => caller.rollback(target));
    if (options.verify && index === 0) assertSameFiles(tree, target);
    return valueMs;
  });
}

/** @param {string} target */
async function fork(target) {
  caller.ready?.(target);
  await caller.fork(target);
}

/**
 * @param {string} target
 * @param {string} label
 */
async function snapshot(target, label) {
  if (caller.snapshot === undefined) throw new Error(`${kind} takes no snapshots`);
  // Labels are for ever, and so are stores: each process has its own.
  await caller.snapshot(target, `${label}-${process.pid}`, durability);
}

/**
 * Compares an edited file with what the snapshot has of it, once.
 * @param {string} target
 * @param {string} label
 * @param {string} path
 */
async function verifySnapshot(target, label, path) {
  if (!options.verify || !label.endsWith("-0")) return;
  const stored = await caller.readBack?.(`${label}-${process.pid}`, path);
  if (stored === undefined || !readFileSync(join(target, path)).equals(stored)) {
    throw new Error(`Snapshot ${label} differs: the content of ${path}`);
  }
}

/**
 * Returns the values of the calls that count.
 * @param {number} warmUpCount
 * @param {(index: number) => Promise<number>} work
 */
async function repeat(warmUpCount, work) {
  const values = [];
  for (let index = 0; index < warmUpCount + count; index += 1) values.push(await work(index));
  return values.slice(warmUpCount);
}

/** @param {() => void | Promise<void>} work */
async function time(work) {
  const startNs = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - startNs) / 1e6;
}

/** @param {number} index */
function targetAt(index) {
  return join(directory, `fork-${index}`);
}
