/**
 * Makes one call of the library and prints, as JSON, how long it took:
 * `node coppice-library-call.mjs STORE open|snapshot|restore|diff ARGUMENTS...`
 */
import { Store } from "coppice";

/** Calls before those that count, so that code and pages are warm. */
const DIFF_WARM_UP_COUNT = 10;
const DIFF_COUNT = 101;

const [directory = "", verb, first = "", second = "", mode] = process.argv.slice(2);
const durability = mode === "relaxed" ? "relaxed" : "full";
const store = await Store.open(directory);
try {
  console.log(JSON.stringify(await call()));
} finally {
  await store.close();
}

/** @returns {Promise<object>} */
async function call() {
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
      return timeDiffs(await store.get(first), await store.get(second));
    default:
      throw new RangeError(`Cannot call ${verb}: there are open, snapshot, restore and diff`);
  }
}

/** @param {() => Promise<unknown>} work */
async function time(work) {
  const startNs = process.hrtime.bigint();
  await work();
  return { elapsedMs: Number(process.hrtime.bigint() - startNs) / 1e6 };
}

/**
 * Times many diffs of the same two snapshots, each drained to its end.
 * @param {Parameters<Store["diff"]>[0]} from
 * @param {Parameters<Store["diff"]>[1]} to
 */
async function timeDiffs(from, to) {
  let changes = 0;
  const diff = async () => {
    changes = 0;
    for await (const _ of store.diff(from, to)) changes += 1;
  };
  for (let count = 0; count < DIFF_WARM_UP_COUNT; count += 1) await diff();
  const valuesMs = [];
  for (let count = 0; count < DIFF_COUNT; count += 1) valuesMs.push((await time(diff)).elapsedMs);
  return { valuesMs, changes };
}
