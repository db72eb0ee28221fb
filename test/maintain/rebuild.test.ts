/** A catalog that is made anew says of each snapshot what the old one said. */
import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import type { RepairReport } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { scratchDirectory } from "../support/scratch.js";
import { flip, packsOf } from "./damage-store.js";
import { expectWhole, open, threeSnapshots } from "./sound-store.js";

test("lineage and erasures come back although the clock went back between snapshots", async () => {
  const { store, snapshot, edit } = await editedDirectory("echo 1 >f; echo secret >g");
  const now = vi.spyOn(Date, "now");
  onTestFinished(() => now.mockRestore());
  const take = async (createdMs: number, parent?: string) => {
    now.mockReturnValue(createdMs);
    await edit(`echo ${createdMs} >f`);
    return await snapshot({ ...(parent !== undefined && { parent }) });
  };
  const first = await take(5_000_000_000_000);
  const second = await take(4_000_000_000_000, first.id);
  await take(4_500_000_000_000, second.id);
  now.mockRestore();
  await store.erase({ paths: ["g"] });
  const before = await store.snapshots();
  await store.close();
  rmSync(join(store.directory, "catalog.sqlite"));
  await Store.repair(store.directory);
  const repaired = await open(store.directory);
  const described = ({ id, digest, parents, erasedAt }: (typeof before)[number]) => ({
    ...{ id, digest, parents, erasedAt },
  });
  expect((await repaired.snapshots()).map(described)).toEqual(before.map(described));
  expect(before.every(({ erasedAt }) => erasedAt !== undefined)).toBe(true);
});

test("a dry run tells what the repair does where packs have each other's names", async () => {
  const { directory, before } = await threeSnapshots();
  swapPacks(directory);
  const [a] = packsOf(directory) as [string];
  copyFileSync(a, join(directory, "packs", "0123456789abcdef.pack"));
  writeFileSync(join(directory, "packs", "fedcba9876543210.pack"), seededBytes("stranger", 9_000));
  await expectTrueDryRun(directory);
  await expectWhole(directory, before);
});

test("a dry run tells what the repair does where there is no catalog, packs have each other's names, and one no header", async () => {
  const { directory, before } = await threeSnapshots();
  rmSync(join(directory, "catalog.sqlite"));
  swapPacks(directory);
  await expectTrueDryRun(directory);
  rmSync(join(directory, "catalog.sqlite"));
  flip(packsOf(directory)[0]!, 3);
  await expectTrueDryRun(directory);
  await expectWhole(directory, before);
});

test("a chunk that two packs hold is listed where it is good, whichever of them is damaged", async () => {
  for (const which of [0, 1]) {
    const { store, directory } = await editedDirectory("seq 900 >f; echo twice there >g");
    await store.close();
    const other = join(scratchDirectory(), "other");
    cpSync(store.directory, other, { recursive: true });
    const copy = await open(other);
    const { digest } = (await copy.snapshot(directory)).snapshot;
    const first = await open(store.directory);
    const { id } = (await first.snapshot(directory)).snapshot;
    for (const each of [first, copy]) await each.close();
    for (const pack of packsOf(other))
      cpSync(pack, join(store.directory, "packs", basename(pack)), { force: false });
    rmSync(join(store.directory, "catalog.sqlite"));
    rmSync(directory, { recursive: true });
    const packs = packsOf(store.directory);
    const damaged = packs[which]!;
    flip(damaged, readFileSync(damaged).indexOf("twice there"));
    const report = await Store.repair(store.directory);
    expect(report).toMatchObject({ snapshots: 2, lost: [], degraded: [], missing: { count: 0 } });
    const repaired = await open(store.directory);
    expect((await (await repaired.get(id)).readFile("g")).toString()).toBe("twice there\n");
    expect((await repaired.get(id)).digest).toBe(digest);
    expect((await repaired.verify({ deep: true })).damaged.count).toBe(0);
  }
});

function swapPacks(directory: string): void {
  const [a, b] = packsOf(directory) as [string, string];
  renameSync(a, `${a}.away`);
  renameSync(b, a);
  renameSync(`${a}.away`, b);
}

/** What is told beforehand comes to be; but for the times, and the paths in quarantine, which have one. */
async function expectTrueDryRun(directory: string): Promise<void> {
  const told = ({ dryRun: _, durationMs: __, quarantined, ...report }: RepairReport) => ({
    ...report,
    quarantined: quarantined.length,
  });
  const files = () =>
    packsOf(directory).map((pack) => [pack, sha256(readFileSync(pack)).toString("hex")]);
  const before = files();
  const dry = await Store.repair(directory, { dryRun: true });
  expect(files()).toEqual(before);
  expect(told(dry)).toEqual(told(await Store.repair(directory)));
}
