/** What nothing needs goes, with its bytes; all else stays where it can be read, whoever is at work meanwhile. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { liveRoots } from "#dist/maintain/collect/live-roots.js";
import { sweep, takeCensus } from "#dist/maintain/collect/sweep.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { atOnce } from "#dist/threads/in-turns.js";
import { ReachableChunks } from "#dist/tree/reachable-chunks.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { lines, listSnapshot, listTree } from "../engine/listing.js";
import { compareTrees } from "../support/compare-trees.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";

/** Small files, a large one, links, and a directory that is there twice. */
const files = `
mkdir a b
for n in {1..60}; do head -c $((n * 40)) /dev/urandom >a/$n; done
head -c 600000 /dev/urandom >large
cp -a a b
ln large b/linked
ln -s large link`;

test("a collection of a store without removals removes nothing", async () => {
  const { store, snapshot, directory, edit } = await editedDirectory(files);
  const first = await snapshot();
  await edit("rm -r a; truncate -s 300000 large");
  await snapshot();
  const before = await store.stats();
  const report = await store.gc();
  expect(report).toMatchObject({ chunksRemoved: 0, bytesFreed: 0, snapshots: 2, remarks: [] });
  expect(report.chunksKept).toBe(before.chunks);
  expect((await store.stats()).chunks).toBe(before.chunks);
  await store.restore(first, directory);
  expect(lines(await listSnapshot(first), { without: ["link"] })).toEqual(
    lines(listTree(directory), { without: ["link"] }),
  );
});

test("what only removed snapshots had goes, in the catalog and on the disk, and the others stay whole", async () => {
  const { scratch, store, snapshot, edit } = await editedDirectory(files);
  const kept = await snapshot();
  const keptStats = await store.stats();
  await edit(
    "head -c 4000000 /dev/urandom >large; rm -r b; for n in {1..60}; do echo $n >>a/$n; done",
  );
  const removed = await snapshot();
  const full = await store.stats();
  await store.remove(removed);
  const dry = await store.gc({ dryRun: true });
  expect(await store.stats()).toMatchObject({ chunks: full.chunks });
  const report = await store.gc();
  expect(report.chunksRemoved).toBe(dry.chunksRemoved);
  expect(report.bytesRemoved).toBe(dry.bytesRemoved);
  const after = await store.stats();
  expect(after).toMatchObject({ chunks: keptStats.chunks, storedBytes: keptStats.storedBytes });
  expect(report.bytesFreed).toBeGreaterThan(3_900_000);
  expect(packBytes(join(scratch, "store"))).toBeLessThan(keptStats.storedBytes + 200_000);
  await edit("rm -r *");
  const target = join(scratch, "target");
  await store.restore(kept, target);
  const again = await store.snapshot(target);
  expect(again.snapshot.digest).toBe(kept.digest);
});

test("a store without snapshots has no packs after a collection, and takes new ones", async () => {
  const { scratch, store, snapshot, directory } = await editedDirectory(files);
  await store.remove(await snapshot());
  const report = await store.gc();
  expect(report.chunksKept).toBe(0);
  expect(readdirSync(join(scratch, "store", "packs"))).toEqual([]);
  const next = await snapshot();
  const target = join(scratch, "target");
  await store.restore(next, target);
  expect(await compareTrees(directory, target)).toEqual([]);
});

test("what counts of a pack that is mostly dead moves to another one, in phase as it was", async () => {
  const { scratch, store, snapshot, directory, edit } = await editedDirectory(`
    mkdir a; for n in {1..800}; do head -c 1500 /dev/urandom >a/$n; done; head -c 20000 /dev/urandom >large`);
  const removed = await snapshot();
  // Every second one stays: no whole block can be given back in place.
  await edit("rm a/*[02468]");
  const kept = await snapshot();
  await store.remove(removed);
  const report = await store.gc();
  expect(report.packsCopied + report.packsRemoved).toBeGreaterThan(0);
  expect(packBytes(join(scratch, "store"))).toBeLessThan(400 * 1500 + 200_000);
  const target = join(scratch, "target");
  await store.restore(kept, target);
  expect(await compareTrees(directory, target)).toEqual([]);
  const image = await store.image(kept, join(scratch, "image"));
  expect(image.inodeCount).toBeGreaterThan(400);
});

test("a capture that took for known what is collected before its commit stores it again", async () => {
  const { scratch, store, snapshot, directory } = await editedDirectory(files);
  await store.remove(await snapshot());
  const cache = join(scratch, "store", "cache");
  for (const name of readdirSync(cache)) rmSync(join(cache, name));
  const collector = openEngine(join(scratch, "store"), false);
  onTestFinished(() => closeEngine(collector));
  let collected = 0;
  const { snapshot: next, report } = await store.snapshot(directory, {
    workers: 0,
    onProgress({ phase }) {
      if (phase !== "commit" || collected > 0) return;
      const live = new ReachableChunks(collector.objects);
      atOnce(live.reach(liveRoots(collector.catalog)));
      collected = atOnce(
        sweep(collector, live, atOnce(takeCensus(collector, live)), () => undefined),
      );
    },
  });
  expect(collected).toBeGreaterThan(60);
  expect(report.bytesNew).toBeGreaterThan(600_000);
  const target = join(scratch, "target");
  await store.restore(next, target);
  expect(await compareTrees(directory, target)).toEqual([]);
});

test("what is captured while a collection runs stays", async () => {
  const { scratch, store, snapshot, directory, edit } = await editedDirectory(files);
  await store.remove(await snapshot());
  const engine = openEngine(join(scratch, "store"), false);
  onTestFinished(() => closeEngine(engine));
  const live = new ReachableChunks(engine.objects);
  atOnce(live.reach(liveRoots(engine.catalog)));
  const census = atOnce(takeCensus(engine, live));
  expect(census.dead.chunks).toBeGreaterThan(60);
  // It needs again what was found to be dead, and is there before the first row goes.
  const again = await snapshot();
  expect(atOnce(sweep(engine, live, census, () => undefined))).toBe(1);
  await edit("rm -r *");
  const target = join(scratch, "target");
  await store.restore(again, target);
  expect((await store.snapshot(target)).snapshot.digest).toBe(again.digest);
  expect(directory).not.toBe(target);
});

test("one session collects at a time, and says who does", async () => {
  const { scratch, store, snapshot } = await editedDirectory(files);
  await snapshot();
  const other = openEngine(join(scratch, "store"), false);
  other.catalog.beginWriting();
  other.catalog.collection.begin();
  await expect(store.gc()).rejects.toMatchObject({
    code: "STORE_BUSY",
    message: expect.stringContaining(`pid ${process.pid}`) as string,
  });
  // It ends without having said so.
  closeEngine(other);
  await expect(store.gc()).resolves.toMatchObject({ chunksRemoved: 0 });
});

test("no pack goes while somebody reads by the places of chunks", async () => {
  const { scratch, store, snapshot } = await editedDirectory(files);
  const first = await snapshot();
  const other = openEngine(join(scratch, "store"), false);
  onTestFinished(() => closeEngine(other));
  other.catalog.beginWriting();
  const row = other.catalog.snapshots.find(first.id)!;
  const letGo = other.catalog.holds.takeFor({ digest: row.digest, role: "reading" });
  await store.remove(first);
  // All of it is held.
  expect(await store.gc()).toMatchObject({ chunksRemoved: 1, packsRemoved: 0 });
  expect(other.objects.readObject(row.digest).length).toBeGreaterThan(0);
  letGo();
  expect(await store.gc()).toMatchObject({ chunksKept: 0, packsWaiting: 0 });
  expect(readdirSync(join(scratch, "store", "packs"))).toEqual([]);
});

test("nothing is removed where a tree is damaged: what lies below it is not known", async () => {
  const { scratch, store, snapshot, edit } = await editedDirectory(files);
  const first = await snapshot();
  await edit("echo more >>a/1");
  await store.remove(await snapshot());
  const { chunks } = await store.stats();
  const root = openEngine(join(scratch, "store"), false);
  const place = root.catalog.chunks.locate(root.catalog.snapshots.find(first.id)!.digest)!;
  const pack = join(scratch, "store", "packs", `${root.catalog.packName(place.pack)}.pack`);
  closeEngine(root);
  execFileSync("bash", [
    "-euc",
    `printf X | dd of=${pack} bs=1 seek=${place.offset + 20} conv=notrunc status=none`,
  ]);
  await store.close();
  await using again = await Store.open(join(scratch, "store"));
  for (const dryRun of [true, false]) {
    const report = await again.gc({ dryRun });
    expect(report).toMatchObject({ chunksKept: chunks, chunksRemoved: 0, bytesFreed: 0 });
    expect(report.blockedBy).toEqual([first.id]);
    expect(report.remarks.join()).toMatch(`${first.id}, and what lies below`);
  }
  expect((await again.stats()).chunks).toBe(chunks);
  // An erasure must not leave anything for its sake.
  await expect(again.erase({ paths: ["a"] })).rejects.toMatchObject({ code: "CORRUPT" });
  await again.remove(first);
  expect(await again.gc()).toMatchObject({ blockedBy: [], chunksKept: 0 });
});

test("an aborted collection leaves a store that the next one collects", async () => {
  const { store, snapshot, edit, scratch, directory } = await editedDirectory(files);
  await store.remove(await snapshot());
  await edit("echo new >>large");
  const kept = await snapshot();
  for (const phase of ["mark", "sweep", "reclaim"] as const) {
    const abort = new AbortController();
    const collecting = store.gc({
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.phase === phase) abort.abort();
      },
    });
    await collecting.catch((error: unknown) => expect(error).toMatchObject({ code: "ABORTED" }));
  }
  await store.gc();
  const target = join(scratch, "target");
  await store.restore(kept, target);
  expect(await compareTrees(directory, target)).toEqual([]);
});

for (const isOpen of [true, false]) {
  testIf(
    ["mount", "tools"],
    `a disk that is full to the last byte is freed by removing and collecting, by a process that ${isOpen ? "has the store open" : "opens the store then"}`,
    async () => {
      const scratch = scratchDirectory();
      const [disk, source] = [join(scratch, "disk"), join(scratch, "source")];
      for (const directory of [disk, source]) mkdirSync(directory);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]);
      onTestFinished(() => void execFileSync("umount", ["--lazy", disk]));
      let store = await Store.open(join(disk, "store"));
      for (let number = 0; number < 200; number++)
        writeFileSync(join(source, `${number}`), seededBytes(`small ${number}`, 3_000));
      const { snapshot: kept } = await store.snapshot(source);
      writeFileSync(join(source, "large"), seededBytes("large", 1_000_000));
      const { snapshot: removed } = await store.snapshot(source);
      if (!isOpen) await store.close();
      try {
        writeFileSync(join(disk, "ballast"), Buffer.alloc(8_000_000));
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOSPC" });
      }
      if (!isOpen) store = await Store.open(join(disk, "store"));
      onTestFinished(() => store.close());
      writeFileSync(join(source, "large"), seededBytes("another", 800_000));
      await expect(store.snapshot(source)).rejects.toMatchObject({ code: "DISK_FULL" });
      await store.remove(removed);
      const report = await store.gc();
      expect(report.bytesFreed).toBeGreaterThan(900_000);
      writeFileSync(join(source, "large"), seededBytes("another", 500_000));
      await store.snapshot(source, { parent: kept.id });
      const target = join(scratch, "target");
      await store.restore(kept, target);
      expect(readdirSync(target)).toHaveLength(200);
    },
  );
}

function packBytes(store: string): number {
  const packs = join(store, "packs");
  return readdirSync(packs).reduce(
    (sum, name) => sum + statSync(join(packs, name)).blocks * 512,
    0,
  );
}
