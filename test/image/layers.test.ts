/** An image as a layer of a real overlayfs. */
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { changeSource, type ImageChange } from "#dist/image/change-source.js";
import type { EntryAttributes } from "#dist/model/entry.js";
import { findSnapshot } from "#dist/snapshot/find-snapshot.js";
import { decodeEntry } from "#dist/tree/entry-codec.js";
import { readRoot } from "#dist/tree/root.js";
import { findRecord } from "#dist/tree/tree-reader.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import {
  bash,
  calls,
  captured,
  type ImageFixture,
  imageFrom,
  imageOf,
  mounted,
} from "./image-fixture.js";

const needs = ["root", "mount", "koffi", "erofs", "xattr"] as const;

const attributes: EntryAttributes = {
  name: Buffer.alloc(0),
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtimeSeconds: 1,
  mtimeNanoseconds: 2,
  xattrs: [],
};

function directory(path: string, isOpaque = false): ImageChange {
  return { kind: "directory", path: Buffer.from(path), attributes, isOpaque };
}

function link(path: string, target: string): ImageChange {
  const entry = {
    ...attributes,
    kind: "symlink",
    mode: 0o777,
    target: Buffer.from(target),
  } as const;
  return { kind: "entry", path: Buffer.from(path), entry };
}

testIf(needs, "whiteouts and opaque directories of an image hide what lies below it", async () => {
  const fixture = await captured(
    bash(
      "mkdir -p keep gone/below opaque/deep; echo 1 >file; echo 2 >keep/kept; echo 3 >opaque/old; echo 4 >keep/gone",
    ),
  );
  await imageOf(fixture, "base.erofs", { data: "packs", isLayer: true });
  const changes: ImageChange[] = [
    directory(""),
    directory("keep"),
    directory("opaque", true),
    { kind: "whiteout", path: Buffer.from("gone") },
    { kind: "whiteout", path: Buffer.from("keep/gone") },
    link("opaque/new", "target"),
    link("file", "replaced"),
  ];
  await imageFrom(fixture, changeSource(changes.reverse()), "delta.erofs", {
    data: "packs",
    isLayer: true,
  });
  const view = overlay(fixture, ["delta.erofs", "base.erofs"]);
  const { stdout } = await run("find", [view, "-mindepth", "1", "-printf", "%y %P %l\n"]);
  expect(stdout.split("\n").filter(Boolean).sort()).toEqual([
    "d keep ",
    "d opaque ",
    "f keep/kept ",
    "l file replaced",
    "l opaque/new target",
  ]);
  expect(readFileSync(join(view, "keep/kept"), "latin1")).toBe("2\n");
});

testIf(needs, "attributes that are overlayfs's own are shown by it, not acted upon", async () => {
  const fixture = await captured(
    bash(
      "mkdir layer; echo x >layer/file; setfattr -n trusted.overlay.opaque -v y layer; setfattr -n trusted.overlay.redirect -v /x layer",
    ),
  );
  await imageOf(fixture, "base.erofs", { data: "packs", isLayer: true });
  const view = overlay(fixture, ["base.erofs"]);
  const { stdout } = await run("getfattr", ["-d", "-m", "-", "layer"], { cwd: view });
  expect(stdout).toMatch(/trusted.overlay.opaque="y"\ntrusted.overlay.redirect="\/x"/);
  expect(readdirSync(join(view, "layer"))).toEqual(["file"]);
});

testIf(
  needs,
  "names with one link number are one inode, and read the chunk of their entry",
  async () => {
    const fixture = await captured(bash("head -c 10000 /dev/urandom >file"));
    const row = findSnapshot(fixture.engine.catalog.snapshots, "first");
    const { engine } = fixture;
    const root = readRoot(engine.objects, row.digest);
    const record = findRecord(engine.objects, root.entry.tree, Buffer.from("file"));
    const entry = decodeEntry(record!);
    if (entry.kind !== "file") throw new Error("A file was captured");
    const changes: ImageChange[] = ["a", "d/b"].map((path) => ({
      kind: "entry",
      path: Buffer.from(path),
      entry,
      link: 7,
    }));
    const source = changeSource([directory(""), ...changes, directory("d")]);
    await imageFrom(fixture, source, "links.erofs", { data: "packs" });
    const view = mounted(fixture, "links.erofs");
    const [a, b] = ["a", "d/b"].map((path) => statSync(join(view, path)));
    expect([a!.nlink, a!.ino]).toEqual([2, b!.ino]);
    const bytes = readFileSync(join(fixture.source, "file"));
    expect(readFileSync(join(view, "d/b")).equals(bytes)).toBe(true);
  },
);

testIf(needs, "changeSource() refuses changes that make no tree", async () => {
  const root = directory("");
  const file = link("file", "x");
  expect(() => changeSource([root, file, file])).toThrow(RangeError);
  expect(() => [...changeSource([root, link("d/x", "y")]).root.items()]).toThrow(RangeError);
  expect(() => [...changeSource([root, file, link("file/x", "y")]).root.items()]).toThrow(
    RangeError,
  );
  expect(() => changeSource([])).toThrow(RangeError);
});

/** Mounts an overlay of images with an empty upper directory, the uppermost image first. */
function overlay(fixture: ImageFixture, images: readonly string[]): string {
  const lowers = images.map((image) => mounted(fixture, image));
  const [view, upper, work] = ["view", "upper", "work"].map((name) => {
    const path = join(fixture.scratch, name);
    mkdirSync(path);
    return path;
  }) as [string, string, string];
  const options = `lowerdir=${lowers.join(":")},upperdir=${upper},workdir=${work}`;
  calls().mount("overlay", view, "overlay", 0, options);
  onTestFinished(() => calls().unmount(view, true));
  return view;
}
