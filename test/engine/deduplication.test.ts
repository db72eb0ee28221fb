/** Equal content is stored once, wherever it comes from. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store } from "#dist/store.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";
import { forAllTrees } from "./for-all-trees.js";
import { makeTree } from "./make-tree.js";
import type { ModelTree } from "./tree-model.js";

testIf(
  ["koffi", "byte-names"],
  "what is captured again under other names stores no content",
  async () => {
    await forAllTrees(async (world) => {
      const { store } = world;
      await store.snapshot(world.directory, { durability: "relaxed" });
      const { uniqueBytes, byKind } = await store.stats();
      const twins: ModelTree = new Map([["", world.tree.get("")!]]);
      for (const [path, node] of world.tree) {
        if (node.kind !== "file") continue;
        twins.set(`${twins.size} of ${path.length}`, { ...node, mode: 0o640, mtimeNs: 1n });
      }
      const directory = world.newDirectory();
      mkdirSync(directory);
      makeTree(twins, directory, () => 0);
      await store.snapshot(directory, { durability: "relaxed" });
      const stats = await store.stats();
      expect(stats.uniqueBytes).toBe(uniqueBytes);
      expect(stats.byKind.list).toEqual(byKind.list);
    });
  },
);

test("equal files in one capture are stored once, whichever thread reads them", async () => {
  const { store, directory } = await editedDirectory(
    "for d in {1..50}; do mkdir $d; for f in {1..60}; do echo $f >$d/$f; done; done",
  );
  const { report } = await store.snapshot(directory, { workers: 3, durability: "relaxed" });
  expect(report.workers).toBe(3);
  const { byKind } = await store.stats();
  expect(byKind.data).toEqual({ count: 60, bytes: 9 * 2 + 51 * 3 });
});

test("a state that is captured again adds its record alone", async () => {
  const { store, directory, snapshot } = await editedDirectory("mkdir d; echo 1 >d/f; echo 2 >g");
  await snapshot();
  const before = await store.stats();
  const { report } = await store.snapshot(directory);
  const after = await store.stats();
  expect({ ...after.byKind, record: before.byKind.record }).toEqual(before.byKind);
  expect(after.byKind.record.count).toBe(2);
  expect(report.bytesNew).toBe(after.byKind.record.bytes - before.byKind.record.bytes);
});

test("ten bytes put before a large file leave most of its chunks shared", async () => {
  const { store, edit, snapshot } = await editedDirectory("head -c 3000000 /dev/urandom >large");
  await snapshot();
  const { uniqueBytes } = await store.stats();
  await edit("{ printf 0123456789; cat large; } >longer");
  await snapshot();
  // The chunks around the first bytes; a whole copy would be 3,000,010.
  expect((await store.stats()).uniqueBytes - uniqueBytes).toBeLessThan(100_000);
});

test("what two handles on a store capture at once is stored once in each pack and read from either", async () => {
  const { scratch, store, directory, snapshot } = await editedDirectory("seq 100000 >f; seq 9 >g");
  const other = await Store.open(join(scratch, "store"));
  const [a, { snapshot: b }] = await Promise.all([snapshot(), other.snapshot(directory)]);
  expect(a.digest).toBe(b.digest);
  expect(await (await store.get(b.id)).readFile("f")).toEqual(
    await (await other.get(a.id)).readFile("f"),
  );
  await other.close();
  expect((await store.stats()).byKind.root.count).toBe(1);
});
