/** What an overlay stands on stays while it is there, whoever removes the snapshot and collects. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { scratchDirectory } from "../support/scratch.js";

async function openTwice() {
  const directory = join(scratchDirectory(), "store");
  const [store, other] = [await Store.open(directory), await Store.open(directory)];
  onTestFinished(() => store.close());
  onTestFinished(() => other.close());
  return { store, other };
}

test("an overlay reads what it began as, once the snapshot was removed and collected elsewhere", async () => {
  const { store, other } = await openTwice();
  const first = store.overlay();
  await first.mkdir("/d");
  for (let number = 0; number < 300; number++)
    await first.writeFile(`/d/${number}`, seededBytes(`${number}`, 2_000));
  await first.writeFile("/large", seededBytes("large", 300_000));
  const { snapshot } = await first.snapshot();
  const overlay = snapshot.overlay();
  const fork = overlay.fork();
  const handle = await fork.open("/large");
  await fork.rm("/large");
  await other.remove(snapshot.id);
  expect(await other.gc()).toMatchObject({ chunksRemoved: 1 });
  expect(await store.gc()).toMatchObject({ chunksRemoved: 0 });
  for (const each of [first, overlay, fork])
    expect(await each.readFile("/d/7")).toEqual(seededBytes("7", 2_000));
  expect(await overlay.readFile("/large")).toEqual(seededBytes("large", 300_000));
  expect(await handle.readFile()).toEqual(seededBytes("large", 300_000));
  await fork.rollback();
  expect(await fork.readFile("/large")).toEqual(seededBytes("large", 300_000));
  await overlay.writeFile("/new", "new");
  const { snapshot: next } = await overlay.snapshot();
  await other.gc();
  expect(await (await other.get(next.id)).readFile("large")).toEqual(seededBytes("large", 300_000));
});

test("what another fork stored stays for the fork that shares it", async () => {
  const { store, other } = await openTwice();
  const overlay = store.overlay();
  await overlay.writeFile("/shared", seededBytes("shared", 100_000));
  const fork = overlay.fork();
  const { snapshot } = await overlay.snapshot();
  await overlay.discard();
  await other.remove(snapshot.id);
  await other.gc();
  expect(await fork.readFile("/shared")).toEqual(seededBytes("shared", 100_000));
});

test("what was stored for want of memory stays although no snapshot refers to it", async () => {
  const { store, other } = await openTwice();
  const overlay = store.overlay();
  for (let number = 0; number < 3; number++)
    await overlay.writeFile(`/${number}`, seededBytes(`${number}`, 30_000_000));
  expect((await other.stats()).uniqueBytes).toBeGreaterThan(0);
  await other.gc();
  for (let number = 0; number < 3; number++)
    expect(
      (await overlay.readFile(`/${number}`)).equals(seededBytes(`${number}`, 30_000_000)),
    ).toBe(true);
});

test("a removed snapshot goes once no overlay stands on it, and that of a store that was closed at once", async () => {
  const { store, other } = await openTwice();
  const { snapshot } = await snapshotOf(store, "first");
  const { snapshot: second } = await snapshotOf(store, "second");
  const kept = second.overlay();
  for (const { id } of [snapshot, second]) await other.remove(id);
  await collectMemory();
  // Lets go of what it has no overlay of any more.
  expect((await store.gc()).chunksRemoved).toBeGreaterThanOrEqual(3);
  expect(await kept.readFile("/file")).toEqual(seededBytes("second", 5_000));
  await store.close();
  expect(await other.gc()).toMatchObject({ chunksKept: 0 });
});

test("an overlay of a snapshot that was removed and collected is refused", async () => {
  const { store, other } = await openTwice();
  const { snapshot } = await snapshotOf(other, "gone");
  const held = await store.get(snapshot.id);
  await other.remove(snapshot.id);
  await other.close();
  await store.gc();
  expect(() => held.overlay()).toThrow(expect.objectContaining({ code: "NOT_FOUND" }) as Error);
});

async function snapshotOf(store: Store, text: string) {
  const overlay = store.overlay();
  await overlay.writeFile("/file", seededBytes(text, 5_000));
  const result = await overlay.snapshot();
  await overlay.discard();
  return result;
}

async function collectMemory(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // What was referred to in this turn stays until the next one.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    collect();
  }
}
