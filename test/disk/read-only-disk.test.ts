/** A disk that becomes read-only while a store is open: what is to be written fails with a code, and all is there when it can be written again. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { compareTrees } from "../support/compare-trees.js";
import { makeLoopFileSystem } from "../support/loop-file-system.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";

const refused = expect.objectContaining({ name: "CoppiceError", code: "IO" });

testIf(
  ["loop-ext4", "tools"],
  "on a disk that became read-only a store is read and verified, and nothing is lost",
  async () => {
    const { store, source, disk, removed } = await storeOnDisk();
    disk.turnReadOnly();
    const before = await store.snapshots();
    await expect(store.snapshot(source)).rejects.toEqual(refused);
    await expect(store.gc()).rejects.toEqual(refused);
    await expect(store.repair()).rejects.toEqual(refused);
    await expect(store.remove(before[0]!)).rejects.toEqual(refused);
    expect(await store.repair({ dryRun: true })).toMatchObject({ degraded: [], recovered: [] });
    expect(await store.gc({ dryRun: true })).toMatchObject({ dryRun: true });
    const report = await store.verify({ deep: true });
    expect(report).toMatchObject({ ok: true, snapshots: before.length });
    expect(report.remarks.join()).toContain("could not be noted");
    expect(await store.snapshots()).toEqual(before);
    expect(String(await before[0]!.readFile("small"))).toBe("small");
    await store.close();

    disk.mountAgain();
    await using again = await Store.open(store.directory);
    expect((await again.snapshots()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(await again.repair()).toMatchObject({ degraded: [], lost: [], quarantined: [] });
    expect((await again.gc()).chunksRemoved).toBeGreaterThan(0);
    expect(await again.verify({ deep: true })).toMatchObject({ ok: true });
    const { snapshot } = await again.snapshot(source);
    const target = join(scratchDirectory(), "target");
    await again.restore(snapshot, target);
    expect(await compareTrees(source, target)).toEqual([]);
    expect(removed).not.toBe(snapshot.id);
  },
);

testIf(
  ["loop-ext4", "tools"],
  "a collection in the middle of which the disk becomes read-only is done by the next one",
  async () => {
    for (const phase of ["mark", "sweep", "reclaim"] as const) {
      const { store, disk } = await storeOnDisk();
      const before = await store.snapshots();
      let isReadOnly = false;
      const collected = store.gc({
        onProgress(progress) {
          if (progress.phase !== phase || isReadOnly) return;
          isReadOnly = true;
          disk.turnReadOnly();
        },
      });
      await expect(collected).rejects.toEqual(refused);
      await store.close();
      disk.mountAgain();
      const again = await Store.open(store.directory);
      await again.gc();
      expect(await again.gc()).toMatchObject({ chunksRemoved: 0, packsWaiting: 0 });
      expect(await again.verify({ deep: true })).toMatchObject({ ok: true, remarks: [] });
      expect((await again.snapshots()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      await again.close();
      disk.remove();
    }
  },
);

/** A store with something to collect, on a disk of its own. */
async function storeOnDisk() {
  const disk = makeLoopFileSystem("ext4");
  onTestFinished(() => disk.remove());
  const source = join(scratchDirectory(), "source");
  mkdirSync(source);
  const store = await Store.open(join(disk.directory, "store"));
  onTestFinished(() => store.close());
  writeFileSync(join(source, "small"), "small");
  writeFileSync(join(source, "large"), seededBytes("large", 900_000));
  const { snapshot: removed } = await store.snapshot(source);
  writeFileSync(join(source, "large"), seededBytes("other", 300_000));
  await store.snapshot(source);
  await store.remove(removed);
  expect(readdirSync(join(store.directory, "packs"))).toHaveLength(1);
  return { store, source, disk, removed: removed.id };
}
