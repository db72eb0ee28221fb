/** What EROFS cannot hold: left out and told, or refused. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { changeSource, type ImageChange } from "#dist/image/change-source.js";
import type { EntryAttributes, Xattr } from "#dist/model/entry.js";
import { bash, captured, imageFrom } from "./image-fixture.js";

const attributes: EntryAttributes = {
  name: Buffer.alloc(0),
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtimeSeconds: 0,
  mtimeNanoseconds: 0,
  xattrs: [],
};

const root: ImageChange = { kind: "directory", path: Buffer.alloc(0), attributes, isOpaque: false };

function fifo(path: string, xattrs: readonly Xattr[] = []): ImageChange {
  return { kind: "entry", path: Buffer.from(path), entry: { ...attributes, kind: "fifo", xattrs } };
}

function xattr(name: string, valueBytes: number): Xattr {
  return { name: Buffer.from(name), value: Buffer.alloc(valueBytes) };
}

test("attributes that have no place are left out and told", async () => {
  const fixture = await captured(bash(":"));
  const given = [
    xattr("btrfs.compression", 1),
    xattr("system.posix_acl_access", 4),
    xattr("system.posix_acl_access.more", 4),
    xattr("user.fits", 65_535),
    xattr("user.too-large", 65_536),
    ...Array.from({ length: 4 }, (_, number) => xattr(`user.z${number}`, 60_000)),
  ];
  const source = changeSource([root, fifo("pipe", given)]);
  const report = await imageFrom(fixture, source, "image.erofs", { data: "packs" });
  expect(report.omittedXattrs.map(({ path, xattr }) => `${path} ${xattr}`)).toEqual([
    "pipe btrfs.compression",
    "pipe system.posix_acl_access.more",
    "pipe user.too-large",
    "pipe user.z3",
  ]);
  expect(report.omittedXattrCount).toBe(4);
});

test("a name or target that is too long is refused, and no file is left", async () => {
  const fixture = await captured(bash(":"));
  const link = {
    ...attributes,
    kind: "symlink",
    mode: 0o777,
    target: Buffer.alloc(4096, "x"),
  } as const;
  const refused: ImageChange[] = [
    fifo("n".repeat(256)),
    { kind: "entry", path: Buffer.from("link"), entry: link },
  ];
  for (const change of refused) {
    const source = changeSource([root, change]);
    await expect(
      imageFrom(fixture, source, "image.erofs", { data: "packs" }),
    ).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
  }
  expect(readdirSync(fixture.scratch).filter((name) => name.includes("erofs"))).toEqual([]);
});
