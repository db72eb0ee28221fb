/** Wherever a crash stops a repair: nothing is deleted, and the next one goes on. */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SnapshotRow } from "#dist/catalog/snapshot-table.js";
import { Store } from "#dist/index.js";
import { repairStore } from "#dist/maintain/repair/repair-store.js";
import { INDEX_MAGIC } from "#dist/pack/pack-codec.js";
import { capture } from "#dist/snapshot/capture.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { flip, packsOf } from "../maintain/damage-store.js";
import { inAnotherPack } from "../maintain/sound-store.js";
import { CrashPoints } from "./crash-points.js";
import { memoryScratchDirectory } from "./memory-scratch.js";
import { makeSmallTree, smallTreeEdits } from "./small-tree.js";
import { verifyImages } from "./verify-images.js";

test("a broken pack is among the packs or in quarantine, whenever the repair that empties it ends", async () => {
  const { store, source, start } = await storeOfTwoPacks();
  const [broken] = packsOf(store) as [string];
  const bytes = readFileSync(broken);
  // The index record of its first region; what that holds is whole.
  const record = bytes.indexOf(INDEX_MAGIC);
  expect(record).toBeGreaterThan(0);
  flip(broken, record + 20);
  const damaged = readFileSync(broken);
  const points = start();
  const report = await repairStore(store, {}, points.diskOf);
  points.pass("repaired");
  expect(report.quarantined).toHaveLength(1);
  await verifyImages(points, source, async (directory) => {
    await using opened = await Store.open(directory);
    for (const step of ["gc", "repair", "gc", "repair"] as const) {
      await opened[step]();
      expect([step, isThere(directory, damaged)]).toEqual([step, true]);
    }
    expect(await opened.verify()).toMatchObject({ ok: true });
  });
});

test("packs whose names were swapped are there, whenever the repair that renames them ends", async () => {
  const { store, source, start } = await storeOfTwoPacks();
  const [a, b] = packsOf(store) as [string, string];
  const whole = [a, b].map((pack) => readFileSync(pack));
  renameSync(a, `${a}.away`);
  renameSync(b, a);
  renameSync(`${a}.away`, b);
  const points = start();
  await repairStore(store, {}, points.diskOf);
  points.pass("repaired");
  await verifyImages(points, source, async (directory) => {
    await repairStore(directory, {});
    for (const bytes of whole) expect(isThere(directory, bytes)).toBe(true);
  });
});

/** A closed store of two snapshots, each in a pack of its own, and what begins to take the images of crashes. */
async function storeOfTwoPacks() {
  const scratch = memoryScratchDirectory();
  const [store, source] = [join(scratch, "store"), join(scratch, "source")];
  mkdirSync(source);
  makeSmallTree(source);
  const rows: SnapshotRow[] = [];
  const take = async () => {
    const engine = openEngine(store, true);
    rows.push((await capture(engine, source, { workers: 0 })).row);
    closeEngine(engine);
  };
  await take();
  smallTreeEdits[0]?.(source);
  await inAnotherPack(store, take);
  expect(packsOf(store)).toHaveLength(2);
  const start = () => {
    const points = new CrashPoints(store);
    points.adopt();
    for (const row of rows) points.acknowledge(row, true);
    return points;
  };
  return { store, source, start };
}

/** Whether a file of a store's packs or of its quarantine begins with some bytes. */
function isThere(store: string, bytes: Buffer): boolean {
  return readdirSync(store, { recursive: true })
    .map((each) => join(store, String(each)))
    .filter((path) => /\/(packs|quarantine)\//.test(path) && statSync(path).isFile())
    .some((path) => readFileSync(path).subarray(0, bytes.length).equals(bytes));
}
