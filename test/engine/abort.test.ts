/** An aborted capture leaves nothing behind but bytes that the next one cuts off. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import type { Progress } from "#dist/model/options.js";
import { type EditedDirectory, editedDirectory } from "./edited-directory.js";
import { lines, listTree } from "./listing.js";

const small = "for d in {1..20}; do mkdir $d; for f in {1..20}; do echo $d $f >$d/$f; done; done";
/** Enough for threads to be started, by a hole that costs little, and for packs to be written before the end. */
const large = `${small}; for f in 1 2 3; do head -c 4500000 /dev/urandom >large-$f; done; truncate -s 40M hole`;

for (const [size, script, workers] of [
  ["small", small, 0],
  ["large", large, 0],
  ["large", large, 2],
] as const) {
  test(`a capture of a ${size} directory with ${workers} threads is aborted at any step`, async () => {
    const edited = await editedDirectory(script);
    const { store, directory, snapshot } = edited;
    const steps = await countSteps(edited, workers);
    for (const step of new Set([
      0,
      1,
      Math.floor(steps / 3),
      Math.floor((2 * steps) / 3),
      steps - 2,
    ])) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const onProgress = counter((count) => {
        if (count === step) controller.abort(reason);
      });
      const before = await store.stats();
      const outcome = store.snapshot(directory, { workers, signal: controller.signal, onProgress });
      await expect(outcome, `step ${step} of ${steps}`).rejects.toMatchObject({
        code: "ABORTED",
        cause: reason,
      });
      expect(await store.stats()).toMatchObject({ snapshots: 0, chunks: before.chunks });
    }
    const taken = await snapshot({ workers });
    expect(await store.snapshots()).toHaveLength(1);
    expectNoTails(edited);
    const target = join(edited.scratch, "target");
    await store.restore(taken, target);
    expect((await store.snapshot(target)).snapshot.digest).toBe(taken.digest);
  });
}

test("a signal that was aborted before, or with no reason, does nothing at all", async () => {
  const { store, directory, snapshot, scratch } = await editedDirectory("echo 1 >f");
  const taken = await snapshot();
  const signal = AbortSignal.abort();
  await expect(store.snapshot(directory, { signal })).rejects.toMatchObject({ code: "ABORTED" });
  const target = join(scratch, "target");
  await expect(store.restore(taken, target, { signal })).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(scratch)).not.toContain("target");
  expect(await store.snapshots()).toHaveLength(1);
});

test("a capture that ends while its threads begin ends them in peace", async () => {
  // The holes have threads started after the first step. The second step is the first thread's: the
  // others are loading their modules then, and one that was ended by force took the process with it.
  const { store, directory } = await editedDirectory(
    `${small}; for n in {1..9}; do truncate -s 5M hole-$n; done`,
  );
  for (let count = 0; count < 12; count++) {
    const controller = new AbortController();
    const onProgress = counter((step) => {
      if (step === 1) controller.abort();
    });
    const { signal } = controller;
    const outcome = store.snapshot(directory, { workers: 4, signal, onProgress });
    await expect(outcome).rejects.toMatchObject({ code: "ABORTED" });
  }
});

test("an aborted restore leaves whole files, and another one brings it to its end", async () => {
  for (const workers of [0, 2]) {
    const { store, directory, snapshot, scratch } = await editedDirectory(large);
    const taken = await snapshot();
    const wanted = listTree(directory);
    const target = join(scratch, "target");
    const controller = new AbortController();
    const onProgress = counter((count) => {
      if (count === 2) controller.abort();
    });
    const { signal } = controller;
    const outcome = store.restore(taken, target, { workers, signal, onProgress });
    await expect(outcome).rejects.toMatchObject({ code: "ABORTED" });
    for (const [path, { kind, content }] of listTree(target)) {
      expect([path, wanted.get(path)?.kind, wanted.get(path)?.content]).toEqual([
        path,
        kind,
        content,
      ]);
    }
    // The target is known from the start: going on needs no force.
    await store.restore(taken, target, { workers });
    expect(lines(listTree(target))).toEqual(lines(wanted));
  }
});

async function countSteps({ directory, store }: EditedDirectory, workers: number): Promise<number> {
  let steps = 0;
  const onProgress = counter((count) => {
    steps = count;
  });
  // A name that is taken at the very end: a capture that does all the work and registers nothing.
  const { snapshot } = await store.snapshot(directory, { exclude: ["*"], name: "taken" });
  await expect(
    store.snapshot(directory, { workers, onProgress, name: "taken" }),
  ).rejects.toMatchObject({
    code: "NAME_TAKEN",
  });
  await store.remove(snapshot);
  return steps;
}

function counter(onStep: (count: number) => void): (progress: Progress) => void {
  let count = 0;
  return () => onStep(count++);
}

/** Every pack ends where the catalog says. */
function expectNoTails({ scratch }: EditedDirectory): void {
  const database = openSqlite(join(scratch, "store", "catalog.sqlite"), { readonly: true });
  const packs = database.prepare("SELECT name, length FROM pack WHERE length > 0").all() as {
    name: string;
    length: number;
  }[];
  database.close();
  const sizes = packs.map(
    ({ name }) => statSync(join(scratch, "store", "packs", `${name}.pack`)).size,
  );
  expect(sizes).toEqual(packs.map(({ length }) => length));
}
