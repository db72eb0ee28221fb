/**
 * Measures the store of the data set `chunk-rows` in this process and prints `{"valuesMs": number[]}`:
 *
 *     node measure-chunk-rows.mjs STORE open|look-up
 *
 * `open` opens and closes it, the first time in this process and twenty times more. `look-up` asks as the threads of a
 * capture do, through the same class: batches of digests, as many as half a window holds of chunks of 5 KiB, every second one
 * of a chunk that the catalog lists. A value is a batch's time for one digest; all count, the first ones too.
 */
import { join } from "node:path";
import { Store } from "coppice";
import { Catalog } from "#dist/catalog/catalog.js";
import { CATALOG_FILE } from "#dist/catalog/open-database.js";
import { ClaimedChunks } from "#dist/scan/known-chunks.js";
import { listedDigests, unlistedDigests } from "../../data/chunk-rows.mjs";

const OPEN_COUNT = 21;
const BATCH_COUNT = 1_000;
const BATCH_DIGESTS = 400;

const [directory = "", verb] = process.argv.slice(2);
const valuesMs = verb === "open" ? await openAgainAndAgain() : lookUp();
console.log(JSON.stringify({ valuesMs }));

async function openAgainAndAgain() {
  const values = [];
  for (let count = 0; count < OPEN_COUNT; count += 1) {
    const startNs = process.hrtime.bigint();
    const store = await Store.open(directory, { create: false });
    values.push(Number(process.hrtime.bigint() - startNs) / 1e6);
    await store.close();
  }
  return values;
}

function lookUp() {
  const half = (BATCH_COUNT * BATCH_DIGESTS) / 2;
  const [listed, unlisted] = [listedDigests(half), unlistedDigests(half)];
  const digests = listed.flatMap((digest, index) => [
    digest,
    /** @type {Buffer} */ (unlisted[index]),
  ]);
  const batches = Array.from({ length: BATCH_COUNT }, (_, index) =>
    Buffer.concat(digests.slice(index * BATCH_DIGESTS, (index + 1) * BATCH_DIGESTS)),
  );
  const catalog = new Catalog(directory, join(directory, CATALOG_FILE));
  try {
    const known = new ClaimedChunks(catalog.chunks.asOfNow());
    return batches.map((batch) => {
      const startNs = process.hrtime.bigint();
      const verdict = known.claim(batch)();
      const elapsedMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      if (verdict.some((isNew, index) => isNew !== index % 2)) {
        throw new Error("The catalog does not list what was put into it");
      }
      return elapsedMs / BATCH_DIGESTS;
    });
  } finally {
    catalog.close();
  }
}
