/** Repair: every snapshot whose data is in the packs comes back, and nothing is deleted. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { Store } from "#dist/index.js";
import { repairStore } from "#dist/maintain/repair/repair-store.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { scratchDirectory } from "../support/scratch.js";
import { packsOf } from "./damage-store.js";
import { expectWhole, open, threeSnapshots } from "./sound-store.js";

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

test("a repair that dies at any of its operations on files leaves a store that can be repaired", async () => {
  const { directory: whole, before } = await threeSnapshots();
  const directory = join(scratchDirectory(), "store");
  const dying = (operations: number) => (root: string) => {
    let left = operations;
    return new Proxy(nodeDisk(root), {
      get(disk, property) {
        const value: unknown = Reflect.get(disk, property, disk);
        if (typeof value !== "function" || READS.includes(String(property))) return value;
        return (...args: unknown[]) => {
          if (left-- > 0) return (value as (...args: unknown[]) => unknown).apply(disk, args);
          throw Object.assign(new Error("EIO"), { code: "EIO", syscall: String(property) });
        };
      },
    });
  };
  let operations = 0;
  for (let isDone = false; !isDone; operations++) {
    rmSync(directory, { recursive: true, force: true });
    cpSync(whole, directory, { recursive: true });
    const [a, b] = packsOf(directory) as [string, string];
    renameSync(a, `${a}.away`);
    renameSync(b, a);
    renameSync(`${a}.away`, b);
    writeFileSync(join(directory, "catalog.sqlite"), "damaged");
    isDone = await repairStore(directory, {}, dying(operations)).then(
      () => true,
      () => false,
    );
    const { snapshots, degraded } = await Store.repair(directory);
    expect([operations, snapshots, degraded]).toEqual([operations, 3, []]);
  }
  console.log(`Died at ${operations - 1} operations`);
  expect(operations).toBeGreaterThan(10);
  await expectWhole(directory, before);
});

/** What changes nothing. */
const READS = ["open", "stampOf", "readFile", "list"];
