/** A full disk: a coded error, what was acknowledged stays, and the store goes on once there is room. */
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { SnapshotResult } from "#dist/store/snapshot-calls.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { lines, listTree } from "./listing.js";

/** Less and less room is left, so that it runs out at every step: in a pack, in the catalog, in a cache. */
const cases = [
  {
    what: "a small file",
    script: "echo $RANDOM $RANDOM $RANDOM >small",
    workers: 0,
    rooms: Array.from({ length: 45 }, (_, step) => step * 4096),
  },
  {
    what: "a large file",
    script: "head -c 1500000 /dev/urandom >large",
    workers: 0,
    rooms: [0, 100_000, 700_000, 1_400_000, 1_500_000, 1_550_000, 1_600_000],
  },
  {
    what: "many files with threads",
    script: "for f in {1..80}; do head -c 12000 /dev/urandom >$f; done; truncate -s 40M hole",
    workers: 2,
    rooms: [0, 50_000, 300_000, 700_000, 1_000_000, 1_100_000, 1_300_000],
  },
] as const;

for (const { what, script, workers, rooms } of cases) {
  testIf(
    ["mount", "koffi"],
    `a capture of ${what} to a full disk says so and leaves the store usable`,
    async () => {
      const { disk, scratch } = await smallDisk();
      const directory = join(scratch, "directory");
      mkdirSync(directory);
      const edit = (lines: string) => run("bash", ["-euc", lines], { cwd: directory });
      await edit("echo before >before");
      const store = await Store.open(join(disk, "store"));
      onTestFinished(() => store.close());
      const { snapshot: before } = await store.snapshot(directory);

      const counts = { full: 0, captured: 0 };
      const taken = [before.id];
      for (const room of rooms) {
        await edit(script);
        fill(disk, room);
        const outcome = await store
          .snapshot(directory, { workers })
          .catch((error: unknown) => error);
        if (outcome instanceof Error) {
          counts.full++;
          expect([room, outcome]).toEqual([room, expect.objectContaining({ code: "DISK_FULL" })]);
        } else {
          counts.captured++;
          taken.push((outcome as SnapshotResult).snapshot.id);
        }
        expect((await store.snapshots()).map(({ id }) => id).reverse()).toEqual(taken);
        expect((await before.readFile("before")).toString()).toBe("before\n");
      }
      console.log(`On a disk that is nearly full: ${JSON.stringify(counts)}`);
      expect(Math.min(counts.full, counts.captured)).toBeGreaterThan(0);

      fill(disk, undefined);
      const { snapshot } = await store.snapshot(directory, { workers });
      const target = join(scratch, "target");
      await store.restore(snapshot, target);
      expect(lines(listTree(target))).toEqual(lines(listTree(directory)));
      await store.close();
      const again = await Store.open(join(disk, "store"));
      onTestFinished(() => again.close());
      expect((await again.snapshots()).map(({ id }) => id)).toContain(snapshot.id);
      // Nobody owns a pack any more, and nothing is left lying about.
      expect(readdirSync(join(disk, "store", "sessions"))).toEqual([]);
      expect(
        readdirSync(join(disk, "store", "cache")).filter((name) => name.endsWith(".tmp")),
      ).toEqual([]);
    },
  );
}

testIf(
  ["mount", "koffi"],
  "a restore to a full disk says so, and goes on once there is room",
  async () => {
    const { disk, scratch } = await smallDisk();
    const directory = join(scratch, "directory");
    mkdirSync(directory);
    await run("bash", ["-euc", "for n in {1..40}; do head -c 50000 /dev/urandom >$n; done"], {
      cwd: directory,
    });
    const store = await Store.open(join(scratch, "store"));
    onTestFinished(() => store.close());
    const { snapshot } = await store.snapshot(directory);
    const target = join(disk, "target");
    fill(disk, 800_000);
    await expect(store.restore(snapshot, target)).rejects.toMatchObject({ code: "DISK_FULL" });
    for (const name of readdirSync(target)) {
      expect(lines(listTree(target)).find((line) => line.startsWith(`${name} `))).toMatch(
        / 50000 bytes /,
      );
    }
    fill(disk, undefined);
    await store.restore(snapshot, target);
    expect(lines(listTree(target))).toEqual(lines(listTree(directory)));
  },
);

testIf("mount", "a store cannot be opened on a full disk, nor made, and says so", async () => {
  const { disk } = await smallDisk();
  fill(disk, 0);
  await expect(Store.open(join(disk, "store"))).rejects.toMatchObject({ code: "DISK_FULL" });
  fill(disk, undefined);
  const store = await Store.open(join(disk, "store"));
  await store.close();
});

/** Returns a file system of 8 MiB of its own: room for all that the cases capture, should each of them fit. */
async function smallDisk(): Promise<{ disk: string; scratch: string }> {
  const scratch = scratchDirectory();
  const disk = join(scratch, "disk");
  mkdirSync(disk);
  await run("mount", ["-t", "tmpfs", "-o", "size=8m,nr_inodes=3000", "tmpfs", disk]);
  // Lazily: a store that a failed test left open would keep it busy.
  onTestFinished(async () => void (await run("umount", ["--lazy", disk])));
  return { disk, scratch };
}

/** Fills a disk up to some bytes; empties it again of what filled it, where none are given. */
function fill(disk: string, left: number | undefined): void {
  const file = join(disk, "ballast");
  rmSync(file, { force: true });
  if (left === undefined) return;
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - left)));
}
