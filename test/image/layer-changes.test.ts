/** Two states of a directory: an image of the one, a layer of the other above it, and overlayfs shows the other. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { changeSource } from "#dist/image/change-source.js";
import { ChunkNumbers } from "#dist/image/chunk-numbers.js";
import { imageDevices } from "#dist/image/image-devices.js";
import type { ImageSource } from "#dist/image/image-source.js";
import { layerChanges } from "#dist/image/layer-changes.js";
import { snapshotSource } from "#dist/image/snapshot-source.js";
import { writeImage } from "#dist/image/write-image.js";
import { closeEngine, type Engine, openEngine } from "#dist/snapshot/engine.js";
import { findSnapshot } from "#dist/snapshot/find-snapshot.js";
import { readRoot } from "#dist/tree/root.js";
import { forAllTrees } from "../engine/for-all-trees.js";
import { lines, listTree } from "../engine/listing.js";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { scriptOfChanges, treeChanges } from "../support/tree-changes.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import { testIf } from "../tooling/test-if.js";
import { bash, calls, capture, captured } from "./image-fixture.js";

const needs = ["root", "mount", "koffi", "erofs", "byte-names"] as const;

testIf(needs, "overlayfs shows the state after any edits, by an image and a layer", () =>
  forAllTrees(
    async (world, ...rounds) => {
      const { snapshot: before } = await world.store.snapshot(world.directory);
      for (const edit of rounds) edit(world);
      const { snapshot: after } = await world.store.snapshot(world.directory);
      const engine = openEngine(world.storeDirectory, false);
      try {
        await withLayers(engine, world.newDirectory(), before.id, after.id, async (view) => {
          expect(lines(listTree(view))).toEqual(lines(world.listing));
        });
      } finally {
        closeEngine(engine);
      }
    },
    { rounds: 2, runs: 25 },
  ),
);

testIf(
  [...needs, "devices", "acl", "xattr", "tools"],
  "overlayfs shows the ugly tree after every kind of change",
  async () => {
    const { engine, scratch, source } = await captured(makeUglyTree);
    const before = join(scratch, "before");
    await run("cp", ["-a", source, before]);
    await run("bash", ["-c", scriptOfChanges(treeChanges)], { cwd: source, env: { A: before } });
    await capture(scratch, source, "second");
    await withLayers(engine, join(scratch, "layers"), "first", "second", async (view) => {
      // Overlayfs shows a directory's own number of names as 1, which nobody compares.
      expect(await compareTrees(source, view, { without: ["holes"] })).toEqual([]);
    });
  },
);

testIf(
  needs,
  "names that become one inode, or cease to be, are in the layer with all their names",
  async () => {
    const { engine, scratch, source } = await captured(
      bash(
        "mkdir -p a/b c; echo x >a/b/1; cp -p a/b/1 c/2; echo y >a/3; ln a/3 c/4; touch -d @5 a a/b c .",
      ),
    );
    const edit = "ln -f a/b/1 c/2; cp -p a/3 c/5; mv c/5 c/4; touch -d @5 a a/b c .";
    await run("bash", ["-euc", edit], { cwd: source });
    await capture(scratch, source, "second");
    await withLayers(engine, join(scratch, "layers"), "first", "second", async (view) => {
      expect(lines(listTree(view))).toEqual(lines(listTree(source)));
    });
  },
);

type Body = (view: string) => Promise<void>;

/** Mounts an image of one snapshot, a layer of another, and an overlay of both; and unmounts all of them. */
async function withLayers(
  engine: Engine,
  directory: string,
  before: string,
  after: string,
  body: Body,
): Promise<void> {
  const index = new ChunkNumbers(engine.catalog, engine.chunks, 0);
  const [old, now] = [before, after].map((id) =>
    readRoot(index, findSnapshot(engine.catalog.snapshots, id).digest),
  ) as [ReturnType<typeof readRoot>, ReturnType<typeof readRoot>];
  const sources: ImageSource[] = [
    changeSource(layerChanges(index, old, now)),
    snapshotSource(index, old),
  ];
  mkdirSync(directory);
  const disk = nodeDisk(directory);
  const system = calls();
  const targets: string[] = [];
  try {
    for (const [number, source] of sources.entries()) {
      const name = `${number}.erofs`;
      await writeImage(index, source, disk, name, { data: "packs", isLayer: true });
      const target = join(directory, String(number));
      mkdirSync(target);
      const packs = imageDevices(disk, name).map(
        (pack) => ["device", join(engine.directory, "packs", `${pack}.pack`)] as const,
      );
      system.mountWith("erofs", [["source", join(directory, name)], ...packs], target, 1);
      targets.push(target);
    }
    const view = join(directory, "view");
    mkdirSync(view);
    system.mount("overlay", view, "overlay", 1, `lowerdir=${targets.join(":")},xino=on`);
    targets.push(view);
    await body(view);
  } finally {
    for (const target of targets.reverse()) system.unmount(target, true);
  }
}
