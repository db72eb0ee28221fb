/** More packs than the first block has room for in its table, and than mount(2) takes as options. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { encodeHeader, headerBytes } from "#dist/image/superblock-codec.js";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { bash, capture, captured, imageOf, mounted } from "./image-fixture.js";

testIf(
  ["root", "mount", "koffi", "erofs", "tools"],
  "an image over 30 packs is mounted, with its table beyond the first block",
  async () => {
    const fixture = await captured(bash("head -c 8192 /dev/urandom >0"));
    const { scratch, source, engine } = fixture;
    for (let count = 1; count <= 30; count++) {
      // The pack that is free is taken, so that the capture begins a new one.
      engine.catalog.acquirePack();
      await run("bash", ["-euc", `head -c 8192 /dev/urandom >${count}`], { cwd: source });
      await capture(scratch, source, `state-${count}`);
    }
    const name = "many.erofs";
    const { packs } = await imageOf(fixture, name, { data: "packs" }, undefined, "state-30");
    expect(packs.length).toBe(31);
    const view = mounted(fixture, name);
    expect(await compareTrees(source, view)).toEqual([]);
    expect(statSync(join(scratch, name)).size % 4096).toBe(0);
    expect(readFileSync(join(scratch, name)).toString("latin1", 1152, 1168)).toBe(packs[0]);
  },
);

testIf([], "the table of devices takes blocks of its own where it is long", () => {
  const devices = Array.from({ length: 24 }, () => ({ tag: "0123456789abcdef", blocks: 1 }));
  expect([23, 24].map(headerBytes)).toEqual([4096, 8192]);
  const superblock = {
    rootPosition: 8192,
    inodeCount: 1,
    mtimeSeconds: 0,
    mtimeNanoseconds: 0,
    blocks: 3,
    hasChunks: true,
    uuid: undefined,
    devices,
  };
  expect(encodeHeader(superblock).length).toBe(8192);
});
