/**
 * Makes a store whose registry has 10,000 versions of an agent, asks for them, and prints `{"valuesMs": number[]}`:
 *
 *     node measure-registry.mjs DIRECTORY get|pages
 *
 * `get` asks for the latest version, a tag and a number in turns. `pages` lists all versions in pages of 100 and gives the time of each page, the
 * first one first. One version is uploaded; the others are rows like its own.
 */
import { Store } from "coppice";

const VERSION_COUNT = 10_000;
const PAGE_ITEMS = 100;
const CALL_COUNT = 3_000;

const [directory = "", verb] = process.argv.slice(2);
const store = await Store.open(directory);
try {
  await fill();
  await getAgainAndAgain();
  console.log(
    JSON.stringify({ valuesMs: verb === "get" ? await getAgainAndAgain() : await pages() }),
  );
} finally {
  await store.close();
}

async function fill() {
  const { snapshot } = await store.overlay().snapshot();
  await store.registry.upload({ name: "bench", snapshot, entrypoint: "true", tag: "stable" });
  const { database, transaction } = store.ledger;
  transaction.run(() => {
    const columns =
      "digest, snapshot, snapshot_digest, bundle, size_bytes, entry_count, total_bytes, runtime, entrypoint, labels, auth, created_ms";
    database
      .prepare(
        `WITH RECURSIVE number (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM number WHERE value < ?)
         INSERT INTO agent_version (name, version, id, ${columns})
         SELECT name, value, hex(randomblob(8)), ${columns} FROM agent_version, number WHERE version = 1`,
      )
      .run(VERSION_COUNT);
    database
      .prepare("UPDATE agent SET latest = ?, next_version = ?")
      .run(VERSION_COUNT, VERSION_COUNT + 1);
  });
}

async function getAgainAndAgain() {
  const values = [];
  for (let count = 0; count < CALL_COUNT; count += 1) {
    const which = [{}, { tag: "stable" }, { version: 1 + ((count * 7919) % VERSION_COUNT) }][
      count % 3
    ];
    values.push(await timed(() => store.registry.get("bench", which)));
  }
  return values;
}

async function pages() {
  const values = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    values.push(
      await timed(async () => {
        const page = await store.registry.listVersions("bench", {
          limit: PAGE_ITEMS,
          ...(cursor !== undefined && { cursor }),
        });
        cursor = page.cursor;
      }),
    );
  } while (cursor !== undefined);
  return values;
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const startNs = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - startNs) / 1e6;
}
