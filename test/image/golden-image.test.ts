/** The bytes of a small image, so that no change of the layout goes unnoticed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changeSource, type ImageChange } from "#dist/image/change-source.js";
import { bash, captured, imageFrom } from "./image-fixture.js";

const attributes = {
  name: Buffer.alloc(0),
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtimeSeconds: 1_000_000_000,
  mtimeNanoseconds: 5,
  xattrs: [],
};

const changes: readonly ImageChange[] = [
  { kind: "directory", path: Buffer.from(""), attributes, isOpaque: false },
  { kind: "directory", path: Buffer.from("d"), attributes, isOpaque: true },
  { kind: "whiteout", path: Buffer.from("d/gone") },
  {
    kind: "entry",
    path: Buffer.from("!first"),
    entry: { ...attributes, kind: "symlink", mode: 0o777, uid: 70_000, target: Buffer.from("d") },
  },
  {
    kind: "entry",
    path: Buffer.from("pipe"),
    entry: {
      ...attributes,
      kind: "fifo",
      mtimeSeconds: -1,
      xattrs: [{ name: Buffer.from("user.a"), value: Buffer.from("b") }],
    },
  },
];

test("writeImage() makes these bytes of a small layer", async () => {
  const fixture = await captured(bash(":"));
  const source = changeSource(changes);
  const report = await imageFrom(fixture, source, "golden.erofs", { data: "packs", isLayer: true });
  expect(report).toEqual({
    sizeBytes: 8192,
    inodeCount: 5,
    packs: [],
    dataBytes: 0,
    omittedXattrs: [],
    omittedXattrCount: 0,
  });
  expect(hexLines(readFileSync(join(fixture.scratch, "golden.erofs")))).toMatchInlineSnapshot(`
    "0400 e2e1f5e0 00000000 02000000 0c008000 05000000 00000000 00ca9a3b 00000000
    0420 05000000 02000000 00000000 00000000 00000000 00000000 00000000 00000000
    1000 04000000 ed410300 4a000000 00000000 02000000 80000000 00000000 00000000
    1020 84000000 00000000 3c000700 80000000 00000000 42000200 80000000 00000000
    1040 43000200 87000000 00000000 45000200 8b000000 00000000 46000500 21666972
    1060 73742e2e 2e647069 70650000 00000000 00000000 00000000 00000000 00000000
    1080 05000000 ffa10000 01000000 00000000 ffffffff 84000000 70110100 00000000
    10a0 00ca9a3b 00000000 05000000 01000000 00000000 00000000 00000000 00000000
    10c0 64000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
    10e0 04000600 ed410200 2b000000 00000000 02000000 87000000 00000000 00000000
    1100 00000000 00000000 00000000 0e040100 6f766572 6c61792e 6f706171 75657900
    1120 87000000 00000000 24000200 80000000 00000000 25000200 8e000000 00000000
    1140 27000300 2e2e2e67 6f6e6500 00000000 00000000 00000000 00000000 00000000
    1160 01000300 ed110000 00000000 00000000 00000000 8b000000 00000000 00000000
    1180 ffffffff ffffffff 05000000 01000000 00000000 00000000 00000000 00000000
    11a0 00000000 00000000 00000000 01010100 61620000 00000000 00000000 00000000
    11c0 01000000 00200000 00000000 00000000 00000000 8e000000 00000000 00000000
    11e0 00000000 00000000 00000000 01000000 00000000 00000000 00000000 00000000"
  `);
});

test("an image of the same source has the same bytes", async () => {
  const fixture = await captured(bash(":"));
  for (const name of ["one", "two"])
    await imageFrom(fixture, changeSource(changes), name, { data: "packs" });
  const [one, two] = ["one", "two"].map((name) => readFileSync(join(fixture.scratch, name)));
  expect(one!.equals(two!)).toBe(true);
});

/** Returns lines of 32 bytes that are not all zero, with their offsets. */
function hexLines(bytes: Buffer): string {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const line = bytes.subarray(at, at + 32);
    if (line.some((byte) => byte !== 0))
      found.push(
        `${at.toString(16).padStart(4, "0")} ${line.toString("hex").replace(/(.{8})(?=.)/g, "$1 ")}`,
      );
  }
  return found.join("\n");
}
