/**
 * Wherever a crash stops the store, reopening finds every acknowledged snapshot whole, nothing half
 * registered, and a store that can be used.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { restore } from "#dist/restore/restore.js";
import type { CaptureOptions } from "#dist/snapshot/capture.js";
import { capture } from "#dist/snapshot/capture.js";
import type { Engine } from "#dist/snapshot/engine.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { removeTree } from "../support/scratch.js";
import { CrashPoints } from "./crash-points.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree, smallTreeEdits } from "./small-tree.js";
import { verifyStore, writeImage } from "./verify-store.js";
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
  await verifyAll(points, source);
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
  await verifyAll(points, source);
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
  await verifyAll(points, source);
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
  await verifyAll(points, source);
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
  points.acknowledged.push(row);
  points.pass("acknowledged");
  return row;
}

/** Reopens every image and says all that is wrong. */
async function verifyAll({ images, points, looked }: CrashPoints, source: string): Promise<void> {
  const problems: string[] = [];
  const scratch = memoryScratchDirectory();
  for (const [index, { point, variation, directories, files, acknowledged }] of images.entries()) {
    const directory = join(scratch, String(index));
    mkdirSync(directory);
    const store = join(directory, "store");
    writeImage(store, directories, files);
    try {
      await verifyStore(store, acknowledged, directory, source);
      await removeTree(directory);
    } catch (error) {
      problems.push(`${index}, ${point}, ${variation}: ${String(error)}`);
    }
  }
  console.log(
    `${points} points, ${looked} images of crashes, ${images.length} different ones reopened`,
  );
  expect(problems).toEqual([]);
}
