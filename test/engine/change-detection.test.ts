/** A capture reads what changed, all of it and nothing else. */
import { lutimesSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import type { SnapshotResult } from "#dist/store/snapshot-calls.js";
import { testIf } from "../tooling/test-if.js";
import { clockPasses } from "./clock.js";
import { editedDirectory } from "./edited-directory.js";
import { forAllTrees } from "./for-all-trees.js";
import { identities, lines, listSnapshot, listTree } from "./listing.js";
import { restoreInPlace } from "./restore-in-place.js";

testIf("byte-names", "an unchanged directory is captured without reading a byte", async () => {
  await forAllTrees(async (world) => {
    const { store, directory } = world;
    await clockPasses(directory);
    const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
    const again = await store.snapshot(directory, { durability: "relaxed" });
    const names = [...listTree(directory).values()].filter(({ kind }) => kind === "file").length;
    expect(again.report).toMatchObject({ bytesRead: 0, unchanged: names });
    expect(again.snapshot.digest).toBe(snapshot.digest);
  });
});

testIf(
  ["koffi", "byte-names"],
  "after a restore in place a capture reads only what was touched",
  async () => {
    await forAllTrees(
      async (world, edit) => {
        const { store, directory } = world;
        await clockPasses(directory);
        world.note((await store.snapshot(directory, { durability: "relaxed" })).snapshot);
        const before = identities(directory);
        edit?.(world);
        await restoreInPlace(world, world.snapshots[0]!);
        const now = identities(directory);
        const touched = [...listTree(directory)].filter(
          ([path, { kind }]) =>
            kind === "file" && !isDeepStrictEqual(before.get(path), now.get(path)),
        );
        const touchedBytes = touched.reduce(
          (sum, [, { content }]) => sum + Number.parseInt(content, 10),
          0,
        );
        const { report, snapshot } = await store.snapshot(directory, { durability: "relaxed" });
        expect(snapshot.digest).toBe(world.snapshots[0]!.digest);
        expect(report.bytesRead).toBeLessThanOrEqual(touchedBytes);
      },
      { rounds: 2 },
    );
  },
);

test("every edit is seen by the next capture, however quickly and with its mtime set back", async () => {
  const { store, directory } = await editedDirectory(
    "mkdir d; echo 000 >d/file; touch -d @1000 d/file",
  );
  const file = join(directory, "d/file");
  const digests = new Set<string>();
  for (let count = 0; count < 100; count++) {
    const text = `${String(count).padStart(3, "0")}\n`;
    writeFileSync(file, text);
    lutimesSync(file, 1000, 1000);
    const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
    expect((await snapshot.readFile("d/file")).toString()).toBe(text);
    digests.add(snapshot.digest);
  }
  expect(digests.size).toBe(100);
});

test("a file that is replaced by one of the same size and times is read", async () => {
  const { directory, edit, snapshot } = await editedDirectory("echo 1 >f; touch -d @1000 f");
  await clockPasses(directory);
  await snapshot();
  await edit("touch -r . ../stamp; echo 2 >g; touch -d @1000 g; mv g f; touch -r ../stamp .");
  const after = await snapshot();
  expect((await after.readFile("f")).toString()).toBe("2\n");
});

test("a file that is written through another of its names is read under all of them", async () => {
  const { directory, edit, snapshot } = await editedDirectory("mkdir a b; echo 1 >a/f; ln a/f b/f");
  await clockPasses(directory);
  await snapshot();
  await edit("echo 2 >b/f; touch -d @1000 a/f");
  const after = await snapshot();
  expect((await after.readFile("a/f")).toString()).toBe("2\n");
  expect((await after.readFile("b/f")).toString()).toBe("2\n");
});

test("two directories that change places are captured as they stand", async () => {
  const { directory, edit, snapshot } = await editedDirectory(
    "mkdir -p a/s b/s; echo 1 >a/f; echo 2 >b/f; echo 3 >a/s/f; echo 4 >b/s/f; touch -d @9 */f */s/f */s a b .",
  );
  await clockPasses(directory);
  await snapshot();
  await edit("mv a c; mv b a; mv c b; touch -d @9 .");
  const after = await snapshot();
  expect(lines(await listSnapshot(after))).toEqual(lines(listTree(directory)));
});

testIf(
  ["koffi", "xattr"],
  "attributes that change while mode, size and times stay are seen",
  async () => {
    const { directory, edit, snapshot } = await editedDirectory("mkdir d; touch d/f");
    await clockPasses(directory);
    await snapshot();
    await edit("setfattr -n user.a -v 1 d/f; setfattr -n user.b -v 2 d");
    const after = await snapshot();
    const values = await Promise.all(
      ["d/f", "d"].map(async (path) => (await after.stat(path)).xattrs),
    );
    expect(values.map((xattrs) => xattrs.map(({ value }) => value.toString()))).toEqual([
      ["1"],
      ["2"],
    ]);
  },
);

test("what was left out of one capture is in the next one, and the other way round", async () => {
  const { store, directory } = await editedDirectory(
    "mkdir -p d/e; echo 1 >d/f; echo 2 >d/e/g; echo 'd/f' >.gitignore",
  );
  await clockPasses(directory);
  const all = [".gitignore", "d", "d/e", "d/e/g", "d/f"];
  const rounds = [
    [{}, all],
    [{ exclude: ["e"] }, [".gitignore", "d", "d/f"]],
    [{}, all],
    [{ gitignore: true }, [".gitignore", "d", "d/e", "d/e/g"]],
    [{ exclude: ["/d"] }, [".gitignore"]],
    [{}, all],
  ] as const;
  for (const [options, wanted] of rounds) {
    const result = await store.snapshot(directory, { ...options, durability: "relaxed" });
    expect(await pathsOf(result)).toEqual(wanted);
  }
});

test("a stat cache that speaks of another directory changes nothing", async () => {
  const { scratch, store, directory, edit, snapshot } = await editedDirectory("echo 1 >f");
  await edit("cp -a . ../twin; echo 2 >../twin/f; touch -d @9 f . ../twin/f ../twin");
  await clockPasses(directory);
  const before = await snapshot();
  const caches = join(scratch, "store/cache");
  const [own] = readdirSync(caches);
  const bytes = readFileSync(join(caches, own!));
  await store.snapshot(join(scratch, "twin"));
  for (const name of readdirSync(caches)) writeFileSync(join(caches, name), bytes);
  const { snapshot: twin } = await store.snapshot(join(scratch, "twin"));
  expect((await twin.readFile("f")).toString()).toBe("2\n");
  expect((await snapshot()).digest).toBe(before.digest);
});

async function pathsOf({ snapshot }: SnapshotResult): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of snapshot.walk()) paths.push(path);
  return paths;
}
