/** Stores for tests of upkeep, and whether they are sound. */
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { scratchDirectory } from "../support/scratch.js";
import { packsOf } from "./damage-store.js";

/** Does something while another session has the packs that are there: what is written goes to new ones. */
export async function inAnotherPack(store: string, action: () => Promise<void>): Promise<void> {
  const other = openEngine(store, false);
  try {
    for (const _ of packsOf(store)) other.catalog.acquirePack();
    await action();
  } finally {
    closeEngine(other);
  }
}

/** A closed store of three snapshots in several packs. */
export async function threeSnapshots() {
  const { store, directory, snapshot, edit } = await editedDirectory(
    "mkdir d; seq 20000 >d/large; echo 1 >f; ln f d/g; ln -s f link",
  );
  const first = await snapshot({ name: "first", labels: { a: "b" } });
  await edit("echo 2 >f");
  await inAnotherPack(store.directory, async () => {
    await store.snapshot(directory, { parent: first.id });
    await store.snapshot(join(directory, "d"), { name: "third" });
  });
  const before = await store.snapshots();
  await store.close();
  expect(packsOf(store.directory).length).toBeGreaterThan(1);
  return { directory: store.directory, before };
}

/** What is to come back of a snapshot. */
interface Described {
  readonly id: string;
  readonly digest: string;
  readonly name: string | undefined;
  readonly parents: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The store has these snapshots, sound, and can be used. */
export async function expectWhole(directory: string, before: readonly Described[]): Promise<void> {
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

export async function open(directory: string): Promise<Store> {
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  return store;
}
