/** What is measured of a file system in memory, by the name that a workload asks for it by. */
import { bytesAt, directoryAt, fileAt } from "./tree-files.mjs";

/** @typedef {import("./caller.mjs").Caller} Caller */
/** @typedef {{ count: number, sync: boolean }} Options `sync`: the synchronous calls */
/** @typedef {{ unit?: "ms" | "bytes", values: number[], skipped?: string }} Measured */

const CALL_COUNT = 20_000;
/** Where a call takes so long that these would take for ever, fewer are made. */
const BUDGET_MS = 2_000;
/** V8 compiles a function for good after some thousand calls. */
const WARM_UP_SHARE = 0.2;
const DEPTH = 1_000;
const FORK_COUNT = 10_000;
const AGAIN_FILES = 1_000;

/** @type {Readonly<Record<string, (caller: Caller, options: Options) => Promise<Measured>>>} */
export const measures = {
  /** Makes ready what processes share. */
  prepare: async () => ({ unit: "ms", values: [0] }),
  fork: measureForks,
  "fork-depth": async (caller) => measureForks(await deepFork(caller)),
  "edit-new": (caller) => measureEdits(caller, () => `${directoryAt(0)}/added.txt`),
  "edit-existing": (caller, { count }) => measureEdits(caller, (index) => fileAt(index % count)),
  "forks-memory": (caller) => measureMemory(caller, async () => undefined),
  "edited-forks-memory": (caller, { count }) =>
    measureMemory(caller, (fork, index) =>
      fork.files.writeFile(fileAt(index % count), bytesAt(index)),
    ),
  "read-again": (caller, options) => measureReads(caller, options, AGAIN_FILES),
  "read-all": (caller, options) => measureReads(caller, options, options.count),
  stat: (caller, options) => {
    const { files, sync } = caller;
    return options.sync
      ? repeatSync((index) => sync?.stat(fileAt(spread(index, AGAIN_FILES))))
      : repeat((index) => files.stat(fileAt(spread(index, AGAIN_FILES))));
  },
  readdir: (caller, options) => {
    const { files, sync } = caller;
    const directories = Math.ceil(AGAIN_FILES / 100);
    return options.sync
      ? repeatSync((index) => sync?.readdir(directoryAt((index % directories) * 100)))
      : repeat((index) => files.readdir(directoryAt((index % directories) * 100)));
  },
  write: (caller, options) => measureWrites(caller, options, "write"),
  rename: (caller, options) => measureWrites(caller, options, "rename"),
  unlink: (caller, options) => measureWrites(caller, options, "unlink"),
};

/** @param {Caller} caller */
async function measureForks(caller) {
  if (caller.fork === undefined) return skip("it has no call that forks");
  return repeat(() => caller.fork?.());
}

/**
 * Returns a fork of a fork of a fork: a file is written in each.
 * @param {Caller} caller
 */
async function deepFork(caller) {
  let fork = caller;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    fork = /** @type {Caller} */ (await fork.fork?.());
    await fork.files.writeFile(`${directoryAt(0)}/generation-${depth}.txt`, bytesAt(depth));
  }
  return fork;
}

/**
 * Fork, write a file, snapshot.
 * @param {Caller} caller
 * @param {(index: number) => string} pathAt
 */
async function measureEdits(caller, pathAt) {
  if (caller.snapshot === undefined || caller.fork === undefined)
    return skip("it has no call that keeps a state");
  await verifySnapshot(caller);
  return repeat(async (index) => {
    const fork = /** @type {Caller} */ (caller.fork?.());
    await fork.files.writeFile(pathAt(index), bytesAt(index + 1));
    await fork.snapshot?.();
  }, 2_000);
}

/** @param {Caller} caller */
async function verifySnapshot(caller) {
  const fork = caller.fork?.();
  if (fork?.verifySnapshot === undefined) return;
  await fork.files.writeFile("/verified.txt", bytesAt(7));
  const read = await fork.verifySnapshot();
  if (!bytesAt(7).equals(await read("/verified.txt"))) throw new Error("A snapshot differs");
}

/**
 * What forks take that all are there, beside what was there before.
 * @param {Caller} caller
 * @param {(fork: Caller, index: number) => Promise<unknown>} edit
 * @returns {Promise<Measured>}
 */
async function measureMemory(caller, edit) {
  if (caller.fork === undefined) return skip("it has no call that forks");
  const make = async (/** @type {number} */ index) => {
    const fork = /** @type {Caller} */ (await caller.fork?.());
    await edit(fork, index);
    return fork;
  };
  // What the first ones alone cause: code, and what is read of the tree.
  for (let index = 0; index < 10; index += 1) await make(index);
  const before = memoryBytes();
  const forks = [];
  for (let index = 0; index < FORK_COUNT; index += 1) forks.push(await make(index));
  const after = memoryBytes();
  if (forks.length !== FORK_COUNT) throw new Error("Forks are missing");
  process.stderr.write(`heap ${after.heap - before.heap}, rss ${after.rss - before.rss}\n`);
  return { unit: "bytes", values: [Math.max(after.heap - before.heap, after.rss - before.rss)] };
}

function memoryBytes() {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Cannot measure memory: run node with --expose-gc");
  for (let turn = 0; turn < 4; turn += 1) gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

/**
 * All files are read once before, and then once each, in an order of no meaning; few ones again and again.
 * @param {Caller} caller
 * @param {Options} options
 * @param {number} count
 */
async function measureReads({ files, sync }, options, count) {
  for (let index = 0; index < count; index += 1) await files.readFile(fileAt(index));
  const calls = Math.max(count, CALL_COUNT);
  return options.sync
    ? repeatSync((index) => sync?.readFile(fileAt(spread(index, count))), calls)
    : repeat((index) => files.readFile(fileAt(spread(index, count))), calls);
}

/**
 * Writes a new file, gives it another name, takes it away: the times of one of these.
 * @param {Caller} caller
 * @param {Options} options
 * @param {"write" | "rename" | "unlink"} measured
 * @returns {Promise<Measured>}
 */
async function measureWrites({ files, sync }, options, measured) {
  if (options.sync && sync === undefined) return skip("it has no synchronous calls");
  const calls = /** @type {import("./caller.mjs").SyncFiles} */ (options.sync ? sync : files);
  const values = [];
  const endMs = performance.now() + BUDGET_MS;
  for (let index = 0; index < CALL_COUNT && performance.now() < endMs; index += 1) {
    const path = `${directoryAt(spread(index, AGAIN_FILES))}/written-${index}.txt`;
    const bytes = bytesAt(index);
    const steps = {
      write: () => calls.writeFile(path, bytes),
      rename: () => calls.rename(path, `${path}.renamed`),
      unlink: () => calls.unlink(`${path}.renamed`),
    };
    for (const [name, step] of Object.entries(steps)) {
      const startMs = performance.now();
      const result = step();
      if (!options.sync) await result;
      if (name === measured) values.push(performance.now() - startMs);
    }
  }
  return { unit: "ms", values: warm(values) };
}

/**
 * @param {(index: number) => unknown} call
 * @param {number} [count]
 * @returns {Promise<Measured>}
 */
async function repeat(call, count = CALL_COUNT) {
  const values = [];
  const endMs = performance.now() + BUDGET_MS;
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now();
    const result = call(index);
    if (result instanceof Promise) await result;
    const nowMs = performance.now();
    values.push(nowMs - startMs);
    if (nowMs > endMs) break;
  }
  return { unit: "ms", values: warm(values) };
}

/**
 * @param {(index: number) => unknown} call
 * @param {number} [count]
 */
async function repeatSync(call, count = CALL_COUNT) {
  const values = [];
  const endMs = performance.now() + BUDGET_MS;
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now();
    call(index);
    const nowMs = performance.now();
    values.push(nowMs - startMs);
    if (nowMs > endMs) break;
  }
  return { unit: /** @type {const} */ ("ms"), values: warm(values) };
}

/**
 * Returns the values without those of the first calls.
 * @param {number[]} values
 */
function warm(values) {
  return values.slice(Math.floor(values.length * WARM_UP_SHARE));
}

/**
 * Returns each number below a count once, those that follow one another far apart.
 * @param {number} index
 * @param {number} count
 */
function spread(index, count) {
  return (index * 7_919) % count;
}

/**
 * @param {string} reason
 * @returns {Measured}
 */
function skip(reason) {
  return { values: [], skipped: reason };
}
