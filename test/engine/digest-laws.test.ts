/** What a digest depends on: the state that was captured, and nothing else. */
import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { forAllTrees } from "./for-all-trees.js";
import { lines, listSnapshot, listTree } from "./listing.js";
import { makeTree } from "./make-tree.js";
import type { World } from "./world.js";

testIf(
  ["koffi", "byte-names"],
  "the digest of a restored directory is that of its snapshot",
  async () => {
    await forAllTrees(async ({ store, directory, ...world }) => {
      const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
      const target = join(world.storeDirectory, "..", "restored");
      await store.restore(snapshot, target);
      expect(lines(listTree(target))).toEqual(lines(listTree(directory)));
      const again = await store.snapshot(target, { durability: "relaxed" });
      expect(again.snapshot.digest).toBe(snapshot.digest);
      expect(again.snapshot.stateDigest).toBe(snapshot.stateDigest);
    });
  },
);

testIf(
  ["koffi", "byte-names"],
  "the digest does not depend on the order in which files are made",
  async () => {
    await forAllTrees(async (world) => {
      const digests = new Set([await digestOf(world, world.directory)]);
      const orders = [(path: string) => path.length, (path: string) => -path.length, spread];
      for (const order of orders) {
        const directory = world.newDirectory();
        mkdirSync(directory);
        makeTree(world.tree, directory, order);
        digests.add(await digestOf(world, directory));
      }
      expect(digests.size).toBe(1);
    });
  },
);

testIf(
  ["koffi", "byte-names"],
  "the digest does not depend on where the directory lies",
  async () => {
    await forAllTrees(async (world) => {
      const before = await digestOf(world, world.directory);
      const moved = join(world.newDirectory(), "below", "\u00e9 elsewhere");
      mkdirSync(join(moved, ".."), { recursive: true });
      renameSync(world.directory, moved);
      expect(await digestOf(world, moved)).toBe(before);
    });
  },
);

testIf(
  ["koffi", "byte-names"],
  "the digest does not depend on what the store captured before, nor on its stat cache",
  async () => {
    await forAllTrees(
      async (world, ...rounds) => {
        await digestOf(world, world.directory);
        for (const round of rounds) {
          round(world);
          await digestOf(world, world.directory);
        }
        const warm = await digestOf(world, world.directory);
        world.dropCaches();
        const cold = await digestOf(world, world.directory);
        const fresh = await Store.open(join(world.storeDirectory, "..", "fresh"));
        const { snapshot } = await fresh.snapshot(world.directory, { durability: "relaxed" });
        await fresh.close();
        expect([cold, snapshot.digest]).toEqual([warm, warm]);
      },
      { rounds: 4 },
    );
  },
);

testIf(
  ["koffi", "tools"],
  "the digest does not depend on the number of threads, nor what is restored",
  async () => {
    const scratch = scratchDirectory();
    const directory = join(scratch, "directory");
    await makeLargeTree(directory);
    const wanted = lines(listTree(directory));
    const found: [string, number][] = [];
    let digest: string | undefined;
    for (const workers of [0, 1, 3]) {
      const store = await Store.open(join(scratch, `store-${workers}`));
      const { snapshot, report } = await store.snapshot(directory, {
        workers,
        durability: "relaxed",
      });
      digest ??= snapshot.digest;
      const target = join(scratch, `restored-${workers}`);
      await store.restore(snapshot, target, { workers });
      expect(lines(listTree(target))).toEqual(wanted);
      found.push([snapshot.digest, report.workers]);
      await store.close();
    }
    expect(found).toEqual([0, 1, 3].map((workers) => [digest, workers]));
  },
);

testIf(
  ["koffi", "byte-names"],
  "threads read what one thread reads, whatever the tree and its names",
  async () => {
    await forAllTrees(
      async (world) => {
        // Holes cost nothing; so many bytes to come start threads before anything below is listed.
        const file = openSync(join(world.directory, "large"), "w");
        ftruncateSync(file, 40 * 1024 * 1024);
        closeSync(file);
        const wanted = lines(listTree(world.directory), { without: ["link"] });
        const digests: string[] = [];
        for (const workers of [2, 0]) {
          world.dropCaches();
          const { snapshot, report } = await world.store.snapshot(world.directory, {
            workers,
            durability: "relaxed",
          });
          expect([report.workers, report.changed.count]).toEqual([workers, 0]);
          expect(lines(await listSnapshot(snapshot), { without: ["link"] })).toEqual(wanted);
          digests.push(snapshot.digest);
        }
        expect(digests[0]).toBe(digests[1]);
      },
      { runs: 20 },
    );
  },
);

testIf("byte-names", "threads find files below directories whose names are not UTF-8", async () => {
  const scratch = scratchDirectory();
  const directory = join(scratch, "directory");
  await run("bash", [
    "-euc",
    `mkdir -p "$1"/$'not \\xff UTF-8'/below; cd "$1"/$'not \\xff UTF-8'/below
    truncate --size=40M large; truncate --size=40M $'large \\xfe'; echo linked >a; ln a b`,
    "bash",
    directory,
  ]);
  const wanted = lines(listTree(directory));
  const store = await Store.open(join(scratch, "store"));
  const { snapshot, report } = await store.snapshot(directory, { workers: 2 });
  expect([report.workers, report.changed.count]).toEqual([2, 0]);
  const target = join(scratch, "target");
  await store.restore(snapshot, target);
  await store.close();
  expect(lines(listTree(target))).toEqual(wanted);
});

async function digestOf({ store }: World, directory: string): Promise<string> {
  const { snapshot } = await store.snapshot(directory, { durability: "relaxed" });
  return snapshot.digest;
}

/** An order that has nothing to do with names. */
function spread(path: string): number {
  let hash = 7;
  for (const character of path) hash = (hash * 31 + character.charCodeAt(0)) % 1009;
  return hash;
}

/** Enough for threads to be started, by holes that cost little, and for each of them to do. */
async function makeLargeTree(directory: string): Promise<void> {
  const script = [
    "for d in {1..30}; do",
    "  mkdir -p $d/deeper",
    "  for f in {1..15}; do echo $((d * f % 97)) $f >$d/$f; done",
    "  ln $d/1 $d/deeper/link; ln -s ../$d $d/deeper/symlink",
    "  head -c 150000 /dev/urandom >$d/large",
    "done",
    "for d in {1..29}; do ln $d/2 $((d + 1))/from-$d; done",
    "head -c 5000000 /dev/urandom >30/larger; cp 30/larger 1/copy; ln 30/larger 15/larger",
    "truncate -s 40M 7/hole; truncate -s 9M 1/copy",
  ].join("\n");
  mkdirSync(directory);
  await run("bash", ["-euc", script], { cwd: directory });
}
