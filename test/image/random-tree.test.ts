/** Any directory as an image: what is mounted is what was captured, read by node:fs alone. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { ChunkNumbers } from "#dist/image/chunk-numbers.js";
import { imageDevices } from "#dist/image/image-devices.js";
import { snapshotSource } from "#dist/image/snapshot-source.js";
import { writeImage } from "#dist/image/write-image.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { findSnapshot } from "#dist/snapshot/find-snapshot.js";
import { readRoot } from "#dist/tree/root.js";
import { forAllTrees } from "../engine/for-all-trees.js";
import { lines, listTree } from "../engine/listing.js";
import type { World } from "../engine/world.js";
import { testIf } from "../tooling/test-if.js";
import { calls } from "./image-fixture.js";

for (const data of ["packs", "image"] as const) {
  testIf(
    ["mount", "koffi", "erofs", "byte-names"],
    `an image with its data in ${data} shows what was captured, after any edits`,
    () =>
      forAllTrees(
        async (world, ...rounds) => {
          await world.store.snapshot(world.directory, { durability: "relaxed" });
          // What follows shares chunks with what was there, at other places.
          for (const edit of rounds) edit(world);
          const { snapshot } = await world.store.snapshot(world.directory);
          await expectImage(world, snapshot.id, data);
        },
        { rounds: 2, runs: 10 },
      ),
  );
}

async function expectImage(world: World, id: string, data: "packs" | "image"): Promise<void> {
  const engine = openEngine(world.storeDirectory, false);
  try {
    const row = findSnapshot(engine.catalog.snapshots, id);
    const index = new ChunkNumbers(engine.catalog, engine.chunks, data === "packs" ? 1e6 : 0);
    const disk = nodeDisk(world.storeDirectory);
    const source = snapshotSource(index, readRoot(index, row.digest));
    const image = join("cache", `${id}.erofs`);
    await writeImage(index, source, disk, image, { data });
    const target = world.newDirectory();
    mkdirSync(target);
    const packs = imageDevices(disk, image).map((pack) => [
      "device",
      join(world.storeDirectory, "packs", `${pack}.pack`),
    ]);
    const options = [["source", join(world.storeDirectory, image)], ...packs];
    const system = calls();
    system.mountWith("erofs", options as [string, string][], target, 1);
    try {
      expect(lines(listTree(target))).toEqual(lines(world.listing));
    } finally {
      system.unmount(target);
    }
  } finally {
    closeEngine(engine);
  }
}
