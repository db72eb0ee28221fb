/**
 * Wherever a crash stops the store, reopening finds every acknowledged snapshot whole, nothing half
 * registered, and a store that can be used.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collect } from "#dist/maintain/collect/collect.js";
import { restore } from "#dist/restore/restore.js";
import type { CaptureOptions } from "#dist/snapshot/capture.js";
import { capture } from "#dist/snapshot/capture.js";
import type { Engine } from "#dist/snapshot/engine.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { prepareToWrite } from "#dist/snapshot/prepare-to-write.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { CrashPoints } from "./crash-points.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree, smallTreeEdits } from "./small-tree.js";
import { verifyImages } from "./verify-images.js";
import { writeImage } from "./verify-store.js";
import { watchEngine } from "./watch-engine.js";

test("stopped at every operation of captures with full durability", async () => {
  const { points, open, source } = setUp();
  let engine = open();
  makeSmallTree(source);
  const first = await acknowledge(points, engine, source, {});
  for (const edit of smallTreeEdits.slice(0, 2)) {
    edit(source);
    await acknowledge(points, engine, source, { parent: first.id });
  }
  await acknowledge(points, engine, source, { name: "nothing changed" });
  await restore(engine, first, source, { workers: 0 });
  await acknowledge(points, engine, source, {});
  closeEngine(engine);
  points.pass("closed");
  engine = open();
  smallTreeEdits[3]?.(source);
  await acknowledge(points, engine, source, {});
  closeEngine(engine);
  await verifyImages(points, source);
});

test("stopped at every operation of captures with relaxed durability, by the death of the process", async () => {
  const { points, open, source } = setUp();
  points.mayLosePower = false;
  const engine = open();
  makeSmallTree(source);
  for (const edit of smallTreeEdits) {
    edit(source);
    await acknowledge(points, engine, source, { durability: "relaxed" });
  }
  closeEngine(engine);
  await verifyImages(points, source);
});

test("stopped after a capture with full durability that shares chunks with relaxed ones", async () => {
  const { points, open, source } = setUp();
  points.mayLosePower = false;
  const engine = open();
  makeSmallTree(source);
  await acknowledge(points, engine, source, { durability: "relaxed" });
  // Another session has that pack: the next captures go to another one.
  const other = openEngine(engine.directory, false);
  other.catalog.acquirePack();
  smallTreeEdits[0]?.(source);
  await acknowledge(points, engine, source, { durability: "relaxed" });
  await acknowledge(points, engine, source, { durability: "full" });
  points.mayLosePower = true;
  points.pass("acknowledged");
  smallTreeEdits[1]?.(source);
  await acknowledge(points, engine, source, { durability: "full" });
  closeEngine(other);
  closeEngine(engine);
  await verifyImages(points, source);
});

test("stopped by a power cut between captures of both durabilities", async () => {
  const { points, open, source } = setUp();
  const engine = open();
  makeSmallTree(source);
  await acknowledge(points, engine, source, {});
  smallTreeEdits[0]?.(source);
  await acknowledge(points, engine, source, { durability: "relaxed" });
  smallTreeEdits[1]?.(source);
  await acknowledge(points, engine, source, { durability: "relaxed" });
  smallTreeEdits[2]?.(source);
  // Another session has that pack: the next captures go to another one.
  const other = openEngine(engine.directory, false);
  other.catalog.acquirePack();
  await acknowledge(points, engine, source, { durability: "relaxed" });
  smallTreeEdits[3]?.(source);
  await acknowledge(points, engine, source, { durability: "full" });
  writeFileSync(join(source, "last"), seededBytes("last", 20_000));
  await acknowledge(points, engine, source, { durability: "relaxed" });
  closeEngine(other);
  closeEngine(engine);
  const { lost, kept } = await verifyImages(points, source);
  expect(lost).toBeGreaterThan(0);
  expect(kept).toBeGreaterThan(0);
});

test("stopped in the recovery from a power cut", async () => {
  const { points, open, source } = setUp();
  const engine = open();
  makeSmallTree(source);
  await acknowledge(points, engine, source, {});
  const edits = smallTreeEdits.slice(0, 2);
  for (const edit of edits) {
    edit(source);
    await acknowledge(points, engine, source, { durability: "relaxed" });
  }
  const image = points.images.findLast(
    ({ variation }) => variation === "power cut, nothing unsynced left",
  )!;
  closeEngine(engine);
  expect(image.relaxed).toHaveLength(2);

  const store = join(memoryScratchDirectory(), "store");
  writeImage(store, image.directories, image.files);
  const again = new CrashPoints(store);
  again.isAfterPowerCut = true;
  for (const directory of image.directories) again.storage.adoptDirectory(directory);
  for (const [path, bytes] of image.files) if (path.includes("/")) again.storage.adopt(path, bytes);
  for (const each of image.acknowledged) again.acknowledge(each, true);
  for (const each of image.relaxed) again.acknowledge(each, false);
  const recovering = openEngine(store, false, (root) => {
    const disk = again.diskOf(root);
    disk.bootId = "after, and no further";
    return disk;
  });
  prepareToWrite(recovering);
  again.pass("recovered");
  closeEngine(recovering);
  const { lost } = await verifyImages(again, source);
  expect(lost).toBeGreaterThan(0);
});

test("stopped at every operation of a collection", async () => {
  const { points, open, source } = setUp();
  const engine = open();
  makeSmallTree(source);
  const rows = [await acknowledge(points, engine, source, {})];
  for (const edit of smallTreeEdits.slice(0, 3)) {
    edit(source);
    rows.push(await acknowledge(points, engine, source, {}));
  }
  // What is left of the first pack is small: it is copied, and what else is dead is freed in place.
  writeFileSync(join(source, "large"), seededBytes("large", 900_000));
  rows.push(await acknowledge(points, engine, source, {}));
  rmSync(join(source, "large"));
  rows.push(await acknowledge(points, engine, source, {}));
  for (const { id } of [rows[0]!, rows[2]!, rows[4]!]) {
    points.forget(id);
    engine.catalog.snapshots.remove(id, true);
    points.pass("removed");
  }
  const report = await collect(engine, {});
  expect(report.chunksRemoved).toBeGreaterThan(0);
  points.pass("collected");
  await collect(engine, {});
  closeEngine(engine);
  await verifyImages(points, source);
});

test("stopped between the writes of a capture that is larger than the writer's buffer", async () => {
  const { points, open, source } = setUp();
  const engine = open();

  writeFileSync(join(source, "before"), "before");
  await acknowledge(points, engine, source, {});
  writeFileSync(join(source, "large"), seededBytes("large", 5_000_000));
  await acknowledge(points, engine, source, {});
  closeEngine(engine);
  expect(points.writes).toBeGreaterThanOrEqual(3);
  await verifyImages(points, source);
});

function setUp() {
  const scratch = memoryScratchDirectory();
  const [store, source] = [join(scratch, "store"), join(scratch, "source")];
  mkdirSync(source);
  const points = new CrashPoints(store);
  const open = (): Engine => {
    const engine = openEngine(store, true, points.diskOf);
    return watchEngine(engine, (moment, call) => points.pass(`${moment} ${call}`));
  };
  return { points, open, source };
}

async function acknowledge(
  points: CrashPoints,
  engine: Engine,
  source: string,
  options: CaptureOptions,
) {
  const { row } = await capture(engine, source, { workers: 0, ...options });
  points.acknowledge(row, options.durability !== "relaxed");
  return row;
}
