/**
 * Measures the traces of a store and prints the times as JSON:
 *
 *     node measure-traces.mjs DIRECTORY record COUNT    {"eventMs": number[]}
 *     node measure-traces.mjs DIRECTORY ask             {"firstPageMs", "openedPagesMs", "pagesMs", "metricsMs"}
 *
 * `record` makes a store and records so many events of four versions of an agent, a thousand at a time: a value is a thousand's time
 * for one of them. `ask` asks for pages of a version's events, newest first: the first page of this process, the first ones of a
 * store that was closed and opened again, pages that follow one another; then for the figures of each version.
 */
import { Store } from "coppice";
import { SeededRandom } from "../../data/seeded-random.mjs";

const NAME = "bench";
const VERSION_COUNT = 4;
const BATCH_EVENTS = 1_000;
const PAGE_ITEMS = 100;
const PAGE_COUNT = 200;
const OPEN_COUNT = 20;
/** An event every ten seconds. */
const STEP_MS = 10_000;
const START_MS = Date.UTC(2025, 0, 1);
const TOOLS = ["bash", "read", "edit", "search", "fetch"];

const [directory = "", verb, count] = process.argv.slice(2);
console.log(JSON.stringify(verb === "record" ? await record(Number(count)) : await ask()));

/** @param {number} eventCount */
async function record(eventCount) {
  const random = new SeededRandom(1);
  const store = await Store.open(directory);
  try {
    const eventMs = [];
    for (let first = 0; first < eventCount; first += BATCH_EVENTS) {
      const length = Math.min(BATCH_EVENTS, eventCount - first);
      const events = Array.from({ length }, (_, index) => eventAt(first + index, random));
      eventMs.push((await timed(() => store.traces.record(events))) / length);
    }
    return { eventMs };
  } finally {
    await store.close();
  }
}

/**
 * Returns an event as agents have them: of each five a turn and four calls of tools. Versions take turns.
 * @param {number} number
 * @param {SeededRandom} random
 */
function eventAt(number, random) {
  const common = {
    name: NAME,
    version: 1 + (number % VERSION_COUNT),
    durationMs: 1 + random.below(5_000),
    at: new Date(START_MS + number * STEP_MS),
  };
  const turn = Math.floor(number / VERSION_COUNT);
  if (turn % TOOLS.length === 0) return { ...common, kind: "turn" };
  const tool = /** @type {string} */ (TOOLS[random.below(TOOLS.length)]);
  const data = { call: number };
  return { ...common, kind: "tool", tool, ok: random.below(10) > 0, data };
}

async function ask() {
  const [firstPageMs] = await pages(1);
  const openedPagesMs = [];
  for (let time = 0; time < OPEN_COUNT; time += 1) openedPagesMs.push(...(await pages(1)));
  const pagesMs = await pages(PAGE_COUNT);
  const metricsMs = await withStore(async (store) => {
    const values = [];
    for (let version = 1; version <= VERSION_COUNT; version += 1)
      values.push(await timed(() => store.traces.metrics({ name: NAME, version })));
    return values;
  });
  return { firstPageMs, openedPagesMs, pagesMs, metricsMs };
}

/**
 * Times the first so many pages of a version, with a newly opened store.
 * @param {number} countMax
 */
function pages(countMax) {
  return withStore(async (store) => {
    const values = [];
    /** @type {string | undefined} */
    let cursor;
    do {
      values.push(
        await timed(async () => {
          const page = await store.traces.query({
            ...{ name: NAME, version: 3, limit: PAGE_ITEMS },
            ...(cursor !== undefined && { cursor }),
          });
          if (page.items.length === 0) throw new Error("The store has no events");
          cursor = page.cursor;
        }),
      );
    } while (cursor !== undefined && values.length < countMax);
    return values;
  });
}

/**
 * @template T
 * @param {(store: Store) => Promise<T>} work
 */
async function withStore(work) {
  const store = await Store.open(directory, { create: false });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const startNs = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - startNs) / 1e6;
}
