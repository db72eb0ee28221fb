/** Repair: what is damaged is found again where the files are, and what stays lost is told. */
import { cpSync, readFileSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { flip, flipText, packsOf } from "./damage-store.js";
import { open } from "./sound-store.js";

test("each flipped byte of a pack is repaired: the store is sound again, and says what it lost", async () => {
  const { store, scratch, snapshot } = await editedDirectory(
    "echo content >f; seq 3 >g; mkdir d; ln f d/h",
  );
  await snapshot({ name: "name" });
  await store.close();
  const path = join(scratch, "store");
  const whole = join(scratch, "whole");
  renameSync(path, whole);
  const { length } = readFileSync(packsOf(whole)[0]!);
  const outcomes = { healed: 0, harmless: 0 };
  // Each is a repair with all that belongs to it: one byte in so many, a prime.
  for (let at = 0; at < length; at += 37) {
    rmSync(path, { recursive: true, force: true });
    cpSync(whole, path, { recursive: true });
    flip(packsOf(path)[0]!, at);
    const { degraded, lost, chunksHealed, chunksRemoved } = await Store.repair(path);
    expect([at, degraded, lost]).toEqual([at, [], []]);
    outcomes[chunksHealed + chunksRemoved > 0 ? "healed" : "harmless"]++;
    const repaired = await Store.open(path);
    const { damaged, affected, problems } = await repaired.verify({ deep: true });
    expect([at, damaged.first, affected]).toEqual([at, [], []]);
    expect([at, problems.first.filter(({ kind }) => kind !== "gap")]).toEqual([at, []]);
    expect((await (await repaired.get("name")).readFile("f")).toString()).toBe("content\n");
    await repaired.close();
  }
  console.log(`Flipped bytes: ${JSON.stringify(outcomes)}`);
  expect(outcomes.healed).toBeGreaterThan(5);
});

test("damaged files are healed from a given directory, and what stays lost is degraded until then", async () => {
  const { store, scratch, directory, snapshot, edit } = await editedDirectory(
    "mkdir d; echo precious content >d/a; seq 40000 >large; echo other >b",
  );
  const taken = await snapshot();
  const copy = join(scratch, "copy");
  cpSync(directory, copy, { recursive: true, preserveTimestamps: true });
  await edit("rm -r d large; echo changed >b");
  flipText(store.directory, "precious content");
  flipText(store.directory, "\n20000\n");
  const first = await store.repair();
  expect(first).toMatchObject({ chunksRemoved: 2, chunksHealed: 0, missing: { count: 2 } });
  expect(first.degraded.map(({ id, paths }) => [id, paths.paths.map(({ path }) => path)])).toEqual([
    [taken.id, ["d/a", "large"]],
  ]);
  expect((await store.verify()).affected).toHaveLength(1);
  const dry = await store.repair({ from: [copy], dryRun: true });
  expect((await store.verify()).affected).toHaveLength(1);
  const real = await store.repair({ from: [copy] });
  expect(real).toMatchObject({ chunksHealed: 2, degraded: [], missing: { count: 0 } });
  expect({ ...dry, dryRun: false, durationMs: 0 }).toEqual({ ...real, durationMs: 0 });
  expect((await store.verify({ deep: true })).ok).toBe(true);
  const target = join(scratch, "target");
  await store.restore(taken, target);
  expect((await store.snapshot(target)).snapshot.stateDigest).toBe(taken.stateDigest);
});

test("a directory's list is made again by looking at the directory", async () => {
  const { store, snapshot } = await editedDirectory(
    "mkdir -p d/e; echo 1 >d/e/name-in-tree; echo 2 >g",
  );
  const { id } = await snapshot();
  flipText(store.directory, "name-in-tree");
  expect((await store.verify()).affected[0]).toMatchObject({ id });
  const dry = await store.repair({ dryRun: true });
  expect(dry).toMatchObject({ degraded: [], chunksHealed: 1, missing: { count: 0 } });
  expect((await store.verify()).affected[0]).toMatchObject({ id });
  expect(await store.repair()).toMatchObject({ degraded: [], chunksHealed: 1 });
  expect((await store.verify({ deep: true })).ok).toBe(true);
});

test("a pack that is cut short or gone: what it still has is kept, the rest is healed from where the files are", async () => {
  for (const damage of [
    (pack: string) => truncateSync(pack, Math.floor(readFileSync(pack).length / 2)),
    (pack: string) => truncateSync(pack, 10),
    (pack: string) => rmSync(pack),
  ]) {
    const { store, snapshot } = await editedDirectory(
      "mkdir d; for i in $(seq 50); do seq $i 900 >d/$i; done; ln d/1 e",
    );
    const { id, digest } = await snapshot();
    await store.close();
    damage(packsOf(store.directory)[0]!);
    const report = await Store.repair(store.directory);
    expect(report).toMatchObject({ degraded: [], snapshots: 1, lost: [] });
    const repaired = await open(store.directory);
    expect(await repaired.verify({ deep: true })).toMatchObject({ ok: true, remarks: [] });
    expect((await repaired.get(id)).digest).toBe(digest);
    await repaired.close();
  }
});

test("a snapshot whose root is gone is lost, and one that misses files is degraded and marked", async () => {
  const { store, directory, snapshot } = await editedDirectory(
    "echo lost content >f; echo kept >g",
  );
  const { id } = await snapshot();
  await store.close();
  flipText(store.directory, "lost content");
  rmSync(join(store.directory, "catalog.sqlite"));
  rmSync(directory, { recursive: true });
  const report = await Store.repair(store.directory);
  expect(report.degraded).toMatchObject([{ id, paths: { paths: [{ path: "f" }] } }]);
  const repaired = await open(store.directory);
  expect((await (await repaired.get(id)).readFile("g")).toString()).toBe("kept\n");
  await expect((await repaired.get(id)).readFile("f")).rejects.toMatchObject({ code: "CORRUPT" });
});
