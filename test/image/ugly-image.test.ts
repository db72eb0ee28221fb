/** The ugly tree as an image, mounted and compared by the system's own tools. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { captured, imageOf, mounted } from "./image-fixture.js";

const wholeTree: readonly CapabilityName[] = [
  "root",
  "devices",
  "acl",
  "xattr",
  "tools",
  "koffi",
  "mount",
  "erofs",
];

for (const data of ["packs", "image"] as const) {
  testIf(wholeTree, `an image of the ugly tree with its data in ${data} shows it`, async () => {
    const fixture = await captured(makeUglyTree);
    const report = await imageOf(fixture, "ugly.erofs", { data });
    expect(report.omittedXattrs).toEqual([]);
    expect(report.packs.length > 0).toBe(data === "packs");
    const mount = mounted(fixture, "ugly.erofs");
    // EROFS counts the blocks of a file by its size, holes or not.
    expect(await compareTrees(fixture.source, mount, { without: ["holes"] })).toEqual([]);
    const { stdout } = await run("find", [mount, "-links", "+1", "-type", "f", "-printf", "%n\n"]);
    const counts = await run("find", [
      fixture.source,
      "-links",
      "+1",
      "-type",
      "f",
      "-printf",
      "%n\n",
    ]);
    expect(stdout.split("\n").sort()).toEqual(counts.stdout.split("\n").sort());
  });
}

testIf(
  [...wholeTree, "erofs-utils"],
  "fsck.erofs extracts the ugly tree from its image",
  async () => {
    const fixture = await captured(makeUglyTree);
    await imageOf(fixture, "ugly.erofs", { data: "image", sync: true });
    const target = join(fixture.scratch, "extracted");
    await run("fsck.erofs", [
      `--extract=${target}`,
      "--preserve",
      join(fixture.scratch, "ugly.erofs"),
    ]);
    // Version 1.5 writes nothing for a hole, and sets owners last, which clears the bits for setuid.
    rmSync(join(fixture.source, "sparse"), { recursive: true });
    rmSync(join(target, "sparse"), { recursive: true });
    const lost = ["xattrs", "acl", "links", "mode", "times"] as const;
    expect(await compareTrees(fixture.source, target, { without: lost })).toEqual([]);
    rmSync(target, { recursive: true, force: true });
    const { stdout } = await run("dump.erofs", ["-s", join(fixture.scratch, "ugly.erofs")]);
    expect(stdout).toMatch(/Filesystem magic number: +0xE0F5E1E2/);
  },
);
