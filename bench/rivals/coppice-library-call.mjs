/**
 * Makes one call of the library and prints, as JSON, how long it took:
 * `node coppice-library-call.mjs STORE open|snapshot|restore|diff|merge|verify|remove|gc|upload|repair ARGUMENTS...`
 */
import { Store } from "coppice";

/** Calls before those that count, so that code and pages are warm. */
const WARM_UP_COUNT = 10;
const CALL_COUNT = 101;

const [directory = "", verb, first = "", second = "", mode, third = ""] = process.argv.slice(2);
const durability = mode === "relaxed" ? "relaxed" : "full";
if (verb === "repair") {
  console.log(JSON.stringify(await time(() => Store.repair(directory))));
} else {
  const store = await Store.open(directory);
  try {
    console.log(JSON.stringify(await call(store)));
  } finally {
    await store.close();
  }
}

/**
 * @param {Store} store
 * @returns {Promise<object>}
 */
async function call(store) {
  switch (verb) {
    case "open":
      return {};
    case "snapshot":
      return time(() => store.snapshot(first, { name: second, durability }));
    case "restore": {
      const snapshot = await store.get(first);
      return time(() => store.restore(snapshot, second));
    }
    case "diff":
      return timeDiffs(store, await store.get(first), await store.get(second));
    case "merge":
      return timeMerges(store, { base: third, ours: first, theirs: second, durability });
    case "verify":
      return timeVerify(store);
    case "remove":
      return timeRemovals(store, process.argv.slice(4));
    case "gc":
      return time(() => store.gc());
    case "upload":
      return time(() =>
        store.registry.upload({ name: "bench", bundle: first, entrypoint: "true" }),
      );
    default:
      throw new RangeError(
        `Cannot call ${verb}: there are open, snapshot, restore, diff, merge, verify, remove, gc, upload and repair`,
      );
  }
}

/** @param {Store} store */
async function timeVerify(store) {
  let bytesChecked = 0;
  const { elapsedMs } = await time(async () => {
    const report = await store.verify({ deep: true });
    if (!report.ok) throw new Error(`Store is damaged: ${JSON.stringify(report)}`);
    bytesChecked = report.bytesChecked;
  });
  return { elapsedMs, bytesChecked };
}

/**
 * @param {Store} store
 * @param {readonly string[]} names
 */
async function timeRemovals(store, names) {
  const snapshots = await Promise.all(names.map((name) => store.get(name)));
  return time(async () => {
    for (const snapshot of snapshots) await store.remove(snapshot, { reparent: true });
  });
}

/** @param {() => Promise<unknown>} work */
async function time(work) {
  const startNs = process.hrtime.bigint();
  await work();
  return { elapsedMs: Number(process.hrtime.bigint() - startNs) / 1e6 };
}

/**
 * Times many diffs of the same two snapshots, each drained to its end.
 * @param {Store} store
 * @param {Parameters<Store["diff"]>[0]} from
 * @param {Parameters<Store["diff"]>[1]} to
 */
async function timeDiffs(store, from, to) {
  let changes = 0;
  const diff = async () => {
    changes = 0;
    for await (const _ of store.diff(from, to)) changes += 1;
  };
  return { valuesMs: await timeMany(diff), changes };
}

/**
 * Times many merges of the same snapshots.
 * @param {Store} store
 * @param {import("coppice").MergeRequest & { plan?: false }} request
 */
async function timeMerges(store, request) {
  let changes = 0;
  const valuesMs = await timeMany(async () => {
    const { report } = await store.merge(request);
    changes = report.changes.length;
  });
  return { valuesMs, changes };
}

/** @param {() => Promise<unknown>} work */
async function timeMany(work) {
  for (let count = 0; count < WARM_UP_COUNT; count += 1) await work();
  const valuesMs = [];
  for (let count = 0; count < CALL_COUNT; count += 1) valuesMs.push((await time(work)).elapsedMs);
  return valuesMs;
}
