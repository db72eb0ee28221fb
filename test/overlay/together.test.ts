/**
 * Snapshots of overlays that are asked for in one turn are committed together, and none of them can tell.
 */
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

async function openStore(): Promise<Store> {
  return Store.open(`${scratchDirectory()}/store`);
}

test("each of them has its own state, parent, name and labels", async () => {
  const store = await openStore();
  const base = store.overlay();
  await base.writeFile("/shared.txt", "shared\n".repeat(1_000));
  const { snapshot: parent } = await base.snapshot({ name: "base" });
  const forks = Array.from({ length: 100 }, () => base.fork());
  for (const [index, fork] of forks.entries()) await fork.writeFile("/own.txt", `${index}`);
  const made = await Promise.all(
    forks.map((fork, index) =>
      fork.snapshot({ name: `fork-${index}`, labels: { index: `${index}` } }),
    ),
  );
  for (const [index, { snapshot }] of made.entries()) {
    const found = await store.get(`fork-${index}`);
    expect([found.id, found.parent, found.labels]).toEqual([
      snapshot.id,
      parent.id,
      { index: `${index}` },
    ]);
    expect(String(await found.readFile("own.txt"))).toBe(`${index}`);
  }
  const { ok } = await store.verify({ deep: true });
  expect(ok).toBe(true);
  await store.close();
});

test("the same written to all of them is stored once", async () => {
  const store = await openStore();
  const forks = Array.from({ length: 8 }, () => store.overlay());
  const bytes = Buffer.alloc(300_000, "all the same, ");
  for (const fork of forks) await fork.writeFile("/same.bin", bytes);
  const made = await Promise.all(forks.map((fork) => fork.snapshot()));
  expect(new Set(made.map(({ snapshot }) => snapshot.stateDigest)).size).toBe(1);
  const [first, ...others] = made.map(({ bytesNew }) => bytesNew);
  expect(first).toBeGreaterThan(50);
  for (const each of others) expect(each).toBeLessThan(first!);
  await store.close();
});

test("one that cannot be made takes none of the others with it, and its overlay stays as it is", async () => {
  const store = await openStore();
  await store.overlay().snapshot({ name: "taken" });
  const forks = Array.from({ length: 5 }, () => store.overlay());
  for (const [index, fork] of forks.entries()) await fork.writeFile("/own.txt", `${index}`);
  const names = ["a", "taken", "b", "b", undefined];
  const made = await Promise.allSettled(
    forks.map((fork, index) => {
      const name = names[index];
      return fork.snapshot(name === undefined ? {} : { name });
    }),
  );
  expect(made.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  for (const each of made)
    if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "NAME_TAKEN" });
  expect(String(await forks[1]!.readFile("/own.txt"))).toBe("1");
  expect((await forks[1]!.snapshot({ name: "free" })).snapshot.name).toBe("free");
  expect((await store.snapshots()).length).toBe(5);
  const { ok } = await store.verify({ deep: true });
  expect(ok).toBe(true);
  await store.close();
});

test("those that changed nothing make no snapshot", async () => {
  const store = await openStore();
  const { snapshot } = await store.overlay().snapshot({ name: "base" });
  const forks = Array.from({ length: 3 }, () => snapshot.overlay());
  await forks[1]!.writeFile("/new.txt", "new");
  const made = await Promise.all(forks.map((fork) => fork.snapshot()));
  expect(made.map(({ isUnchanged }) => isUnchanged)).toEqual([true, false, true]);
  expect(made.map((each) => each.snapshot.id === snapshot.id)).toEqual([true, false, true]);
  await store.close();
});
