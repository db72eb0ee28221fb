/** Repair: every snapshot whose data is there comes back, nothing is deleted, and what stays lost is told. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RepairReport } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { scratchDirectory } from "../support/scratch.js";
import { flip, flipText, packsOf } from "./damage-store.js";

test("a deleted catalog is made anew from the packs: snapshots, parents, names and labels", async () => {
  const { directory, before } = await threeSnapshots();
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(join(directory, `catalog.sqlite${suffix}`), { force: true });
  await expect(Store.open(directory)).rejects.toMatchObject({
    code: "NOT_A_STORE",
    message: expect.stringContaining("coppice repair"),
  });
  const dry = await Store.repair(directory, { dryRun: true });
  expect(dry).toMatchObject({ rebuilt: true, snapshots: 3 });
  expect(existsSync(join(directory, "catalog.sqlite"))).toBe(false);
  const report = await Store.repair(directory);
  expect(report).toMatchObject({
    rebuilt: true,
    snapshots: 3,
    lost: [],
    degraded: [],
    unnamed: [],
  });
  expect(report.recovered.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  await expectWhole(directory, before);
});

test("a catalog that is damaged, cut short or empty is put aside, and made anew", async () => {
  const { directory, before } = await threeSnapshots();
  const file = join(directory, "catalog.sqlite");
  const whole = readFileSync(file);
  for (const damaged of [
    Buffer.alloc(0),
    whole.subarray(0, 5000),
    Buffer.from(whole).fill(0xee, 4096, whole.length),
    Buffer.from("this is no database"),
  ]) {
    writeFileSync(file, damaged);
    await expect(Store.open(directory).then(looked)).rejects.toMatchObject({
      code: expect.stringMatching(/CORRUPT|NOT_A_STORE/),
    });
    const report = await Store.repair(directory);
    expect(report).toMatchObject({ rebuilt: true, snapshots: 3 });
    const aside = report.quarantined.find((path) => path.endsWith("catalog.sqlite"))!;
    expect(readFileSync(join(directory, aside)).equals(damaged)).toBe(true);
    await expectWhole(directory, before);
  }
});

test("a catalog of yesterday beside packs of today gets the snapshots of today, and keeps what it knew", async () => {
  const { store, scratch, directory, snapshot, edit } =
    await editedDirectory("echo 1 >f; seq 9000 >g");
  await snapshot({ name: "yesterday" });
  await store.close();
  const path = join(scratch, "store");
  const yesterday = join(scratch, "yesterday");
  cpSync(path, yesterday, { recursive: true });
  const today = await open(path);
  await edit("echo 2 >f; seq 100 9000 >h");
  await today.snapshot(directory, { name: "today" });
  // In a pack of its own.
  writeFileSync(join(directory, "large"), seededBytes("large", 40_000_000));
  await today.snapshot(directory, { name: "tonight" });
  const before = await today.snapshots();
  await today.close();
  expect(packsOf(path).length).toBeGreaterThan(1);
  for (const name of ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"]) {
    rmSync(join(path, name), { force: true });
    if (existsSync(join(yesterday, name))) copyFileSync(join(yesterday, name), join(path, name));
  }
  const packs = packsOf(path).map((pack) => [pack, readFileSync(pack)] as const);
  // Whoever writes meanwhile cuts off nothing of it.
  const forgetful = await open(path);
  const other = join(scratch, "other");
  cpSync(directory, other, { recursive: true });
  writeFileSync(join(other, "meanwhile"), "meanwhile");
  const { snapshot: meanwhile, report: capture } = await forgetful.snapshot(other);
  expect(capture.limits).toContainEqual(expect.stringContaining("run coppice repair"));
  for (const [pack, bytes] of packs)
    expect(readFileSync(pack).subarray(0, bytes.length).equals(bytes)).toBe(true);
  expect((await forgetful.verify()).remarks.join()).toContain("coppice repair");
  const report = await forgetful.repair();
  expect(report).toMatchObject({ rebuilt: false, snapshots: 4, lost: [], degraded: [] });
  expect(report.recovered.map(({ name }) => name)).toEqual(["today", "tonight"]);
  await forgetful.close();
  await expectWhole(path, [...before, meanwhile]);
  // A second one finds nothing to do.
  expect(await Store.repair(path)).toMatchObject({ chunksAdded: 0, recovered: [], remarks: [] });
});

test("a snapshot that was removed does not come back while the catalog knows that", async () => {
  const { store, snapshot, edit } = await editedDirectory("echo 1 >f");
  const first = await snapshot();
  await edit("echo 2 >f");
  await snapshot();
  await store.remove(first);
  expect(await store.repair()).toMatchObject({ snapshots: 1, recovered: [] });
});

test("of two snapshots that had one name the newest keeps it", async () => {
  const { store, snapshot, edit } = await editedDirectory("echo 1 >f");
  const first = await snapshot({ name: "name" });
  await store.remove(first);
  await edit("echo 2 >f");
  const second = await snapshot({ name: "name" });
  await store.close();
  rmSync(join(store.directory, "catalog.sqlite"));
  const report = await Store.repair(store.directory);
  expect(report.unnamed.map(({ id, name }) => [id, name])).toEqual([[first.id, "name"]]);
  const repaired = await open(store.directory);
  expect((await repaired.get("name")).id).toBe(second.id);
  expect((await repaired.get(first.id)).name).toBeUndefined();
});

test("swapped packs lie under their own names again, copies and strangers are put aside", async () => {
  const { directory, before } = await threeSnapshots();
  const [a, b] = packsOf(directory) as [string, string];
  const bytes = new Map(packsOf(directory).map((pack) => [pack, readFileSync(pack)]));
  renameSync(a, `${a}.away`);
  renameSync(b, a);
  renameSync(`${a}.away`, b);
  const copy = join(directory, "packs", "0123456789abcdef.pack");
  copyFileSync(a, copy);
  const stranger = join(directory, "packs", "fedcba9876543210.pack");
  writeFileSync(stranger, seededBytes("stranger", 10_000));
  const report = await Store.repair(directory);
  expect(report).toMatchObject({ snapshots: 3, degraded: [], rebuilt: false });
  expect(report.quarantined).toHaveLength(2);
  for (const [pack, whole] of bytes) expect(readFileSync(pack).equals(whole)).toBe(true);
  expect([existsSync(copy), existsSync(stranger)]).toEqual([false, false]);
  for (const path of report.quarantined) expect(existsSync(join(directory, path))).toBe(true);
  await expectWhole(directory, before);
});

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
  expect(await store.repair({ from: [copy], dryRun: true })).toMatchObject({ chunksHealed: 2 });
  expect((await store.verify()).affected).toHaveLength(1);
  expect(await store.repair({ from: [copy] })).toMatchObject({ chunksHealed: 2, degraded: [] });
  expect((await store.verify({ deep: true })).ok).toBe(true);
  const target = join(scratch, "target");
  await store.restore(taken, target);
  expect((await store.snapshot(target)).snapshot.stateDigest).toBe(taken.stateDigest);
});

test("a directory's list is made again by looking at the directory", async () => {
  const { store, scratch, directory, snapshot } = await editedDirectory(
    "mkdir -p d/e; echo 1 >d/e/name-in-tree; echo 2 >g",
  );
  const { id } = await snapshot();
  flipText(store.directory, "name-in-tree");
  expect((await store.verify()).affected[0]).toMatchObject({ id });
  expect(await store.repair()).toMatchObject({ degraded: [], chunksHealed: 1 });
  expect((await store.verify({ deep: true })).ok).toBe(true);
  expect(existsSync(directory) && scratch !== "").toBe(true);
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

test("a forged index record in a captured file brings in nothing", async () => {
  const { store, directory, snapshot } = await editedDirectory("echo 1 >a");
  await snapshot();
  // The packs themselves, captured as files: whole records, at other places.
  cpSync(join(store.directory, "packs"), join(directory, "packs"), { recursive: true });
  await snapshot();
  const before = await store.snapshots();
  await store.close();
  rmSync(join(store.directory, "catalog.sqlite"));
  expect(await Store.repair(store.directory)).toMatchObject({
    snapshots: 2,
    lost: [],
    degraded: [],
  });
  await expectWhole(store.directory, before);
});

test("a repair that is ended can be done again", async () => {
  const { directory, before } = await threeSnapshots();
  rmSync(join(directory, "catalog.sqlite"));
  const abort = new AbortController();
  const ended = Store.repair(directory, {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(ended).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(directory).filter((name) => name.startsWith("catalog"))).toEqual([]);
  await Store.repair(directory);
  await expectWhole(directory, before);
});

test("a store that others have open is not given a new catalog", async () => {
  const { store, directory, snapshot } = await editedDirectory("echo 1 >f");
  await snapshot();
  renameSync(join(store.directory, "catalog.sqlite"), join(store.directory, "away"));
  await expect(Store.repair(store.directory)).rejects.toMatchObject({ code: "STORE_BUSY" });
  renameSync(join(store.directory, "away"), join(store.directory, "catalog.sqlite"));
  await expect(Store.repair(directory)).rejects.toMatchObject({ code: "NOT_A_STORE" });
});

/** Whoever opens a store with a damaged catalog may meet the damage only when reading. */
async function looked(store: Store): Promise<void> {
  try {
    if ((await store.snapshots()).length !== 3)
      throw new Error("Snapshots are gone, and nobody said so");
    const { problems } = await store.verify();
    if (problems.count > 0) throw Object.assign(new Error("told"), { code: "CORRUPT" });
  } finally {
    await store.close();
  }
}

/** A closed store of three snapshots in several packs. */
async function threeSnapshots() {
  const { store, directory, snapshot, edit } = await editedDirectory(
    "mkdir d; seq 20000 >d/large; echo 1 >f; ln f d/g; ln -s f link",
  );
  const first = await snapshot({ name: "first", labels: { a: "b" } });
  const other = await open(store.directory);
  await edit("echo 2 >f");
  let second: Promise<unknown> | undefined;
  await store.snapshot(directory, {
    parent: first.id,
    onProgress: ({ phase }) => {
      if (phase === "commit") second ??= other.snapshot(join(directory, "d"), { name: "third" });
    },
  });
  await second;
  const before = await store.snapshots();
  await Promise.all([other.close(), store.close()]);
  expect(packsOf(store.directory).length).toBeGreaterThan(1);
  return { directory: store.directory, before };
}

type Described = Pick<RepairReport["recovered"][number], "id"> & {
  readonly digest: string;
  readonly name: string | undefined;
  readonly parents: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** The store has these snapshots, sound, and can be used. */
async function expectWhole(directory: string, before: readonly Described[]): Promise<void> {
  const store = await Store.open(directory);
  try {
    const describe = ({ id, digest, name, parents, labels }: Described) => ({
      id,
      digest,
      name,
      parents,
      labels,
    });
    const now = (await store.snapshots()).map(describe);
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect(now.sort(byId)).toEqual(before.map(describe).sort(byId));
    const { damaged, problems, remarks } = await store.verify({ deep: true });
    expect([damaged.first, problems.first, remarks]).toEqual([[], [], []]);
    const target = join(scratchDirectory(), "target");
    await store.restore(now[0]!.id, target);
    const { snapshot } = await store.snapshot(target);
    expect(snapshot.digest).toBe(now[0]!.digest);
    await store.remove(snapshot);
    // What was collected does not come back, whatever becomes of the catalog.
    await store.gc();
  } finally {
    await store.close();
  }
}

async function open(directory: string): Promise<Store> {
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  return store;
}
