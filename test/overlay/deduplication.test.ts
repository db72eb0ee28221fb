/** What snapshots of overlays have in common is stored once, whoever stored it. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

const MOMENT = new Date(1e12);
/** All that is new of a snapshot whose state is stored: its record. */
const RECORD_BYTES_MAX = 1_000;

async function openStore(directory = join(scratchDirectory(), "store")) {
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  return { store, directory };
}

/** Writes a file such that all that is kept of it is the same each time. */
async function write(overlay: Overlay, path: string, text: string): Promise<void> {
  await overlay.writeFile(path, text.repeat(1_000));
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/")))
    await overlay.utimes(at, MOMENT, MOMENT);
  await overlay.utimes("/", MOMENT, MOMENT);
}

async function baseOf(store: Store): Promise<Overlay> {
  const base = store.overlay();
  await base.mkdir("/a/b", { recursive: true });
  await write(base, "/a/b/file", "base");
  await base.snapshot({ name: "base" });
  return base;
}

for (const durability of ["relaxed", "full"] as const) {
  test(`forks that come to hold the same add no bytes but a record, ${durability}`, async () => {
    const { store, directory } = await openStore();
    const base = await baseOf(store);
    const first = base.fork();
    await write(first, "/a/b/file", "other");
    const { snapshot, bytesNew } = await first.snapshot({ durability });
    expect(bytesNew).toBeGreaterThan(5_000);
    const { store: elsewhere } = await openStore(directory);
    for (const fork of [base.fork(), elsewhere.overlay("base")]) {
      await write(fork, "/a/b/file", "other");
      const again = await fork.snapshot({ durability });
      expect(again.snapshot.digest).toBe(snapshot.digest);
      expect(again.snapshot.id).not.toBe(snapshot.id);
      expect(again.bytesNew).toBeLessThan(RECORD_BYTES_MAX);
    }
  });
}

test("directories that are new and equal are one tree, also beside others with something new", async () => {
  const { store } = await openStore();
  const base = await baseOf(store);
  const before = (await store.stats()).byKind.tree.count;
  const fork = base.fork();
  for (const name of ["c", "d", "e"]) {
    await fork.mkdir(`/${name}/b`, { recursive: true });
    await write(fork, `/${name}/b/file`, "equal");
  }
  await fork.snapshot({ durability: "relaxed" });
  // That of `b`, that of what holds it, that of the root.
  expect((await store.stats()).byKind.tree.count).toBe(before + 3);
});

test("a directory that comes to hold what another snapshot has in it is stored no more, beside one with something new", async () => {
  const { store } = await openStore();
  const base = await baseOf(store);
  await base.mkdir("/z");
  await write(base, "/z/file", "z");
  await base.snapshot({ durability: "relaxed" });
  const first = base.fork();
  await write(first, "/z/file", "known");
  await first.snapshot({ durability: "relaxed" });
  const before = await chunkBytes(store);
  const second = base.fork();
  await write(second, "/a/b/file", "new");
  await write(second, "/z/file", "known");
  const { bytesNew } = await second.snapshot({ durability: "relaxed" });
  // Of what is written twice, one is in no row.
  expect(await chunkBytes(store)).toBe(before + bytesNew);
});

async function chunkBytes(store: Store): Promise<number> {
  const { byKind } = await store.stats();
  return Object.values(byKind).reduce((sum, { bytes }) => sum + bytes, 0);
}
