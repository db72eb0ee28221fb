/**
 * A transaction of which SQLite says that it failed may be there all the same: what it refers to must not be cut off.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect } from "#dist/maintain/collect/collect.js";
import { CoppiceError } from "#dist/model/error.js";
import { capture } from "#dist/snapshot/capture.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { scratchDirectory } from "../support/scratch.js";
import { verifyStore } from "./verify-store.js";
import { type CatalogCall, watchEngine } from "./watch-engine.js";

/** Small files, so many that what every second of them leaves cannot be freed in place. */
const FILES = 1_200;

const moments = ["before", "after"] as const;

test.each(moments)("a commit that fails %s it was made", async (when) => {
  const { scratch, source, store } = makeSource();
  const engine = openEngine(store, true);
  const { row: first } = await capture(engine, source, {});
  writeFileSync(join(source, "new"), seededBytes("new", 100_000));
  await expect(capture(failing(engine, when, "commit"), source, {})).rejects.toThrow("I/O");
  const listed = [...engine.catalog.snapshots.all()];
  expect(listed).toHaveLength(when === "before" ? 1 : 2);
  const { row: last } = await capture(engine, source, {});
  closeEngine(engine);
  await verifyStore(store, [first, ...listed, last], scratch, source);
});

test.each(moments)("a pack's move that fails %s it was made", async (when) => {
  const { scratch, source, store } = makeSource();
  const engine = openEngine(store, true);
  const { row: first } = await capture(engine, source, {});
  for (let number = 0; number < FILES; number += 2) rmSync(join(source, String(number)));
  const { row: kept } = await capture(engine, source, {});
  engine.catalog.snapshots.remove(first.id, true);
  await expect(collect(failing(engine, when, "commitMove"), {})).rejects.toThrow("I/O");
  const { packsCopied } = await collect(engine, {});
  expect(packsCopied).toBe(when === "before" ? 1 : 0);
  closeEngine(engine);
  await verifyStore(store, [kept], scratch, source);
});

function makeSource() {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  mkdirSync(source);
  for (let number = 0; number < FILES; number++)
    writeFileSync(join(source, String(number)), seededBytes(String(number), 600));
  return { scratch, source, store: join(scratch, "store") };
}

/** Returns the engine with a transaction that seems to fail. */
function failing(engine: ReturnType<typeof openEngine>, when: string, call: CatalogCall) {
  return watchEngine(engine, (moment, made) => {
    if (moment === when && made === call) throw new CoppiceError("IO", "Cannot commit: I/O error");
  });
}
