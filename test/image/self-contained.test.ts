/** Images that stand for themselves, as callers get them. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ImageFileOptions, Progress } from "#dist/index.js";
import { Store } from "#dist/store.js";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import { testIf } from "../tooling/test-if.js";
import { bash, calls, flipByte } from "./image-fixture.js";

/** Returns a store with a snapshot of what a script makes, named `first`. */
async function storeOf(fill: (directory: string) => Promise<unknown>) {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  mkdirSync(source);
  await fill(source);
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  await store.snapshot(source, { name: "first", durability: "relaxed" });
  const file = join(scratch, "images", "first.erofs");
  mkdirSync(join(scratch, "images"));
  return { scratch, source, store, file, images: join(scratch, "images") };
}

/** Mounts an image that needs no devices. */
function mounted(file: string): string {
  const target = `${file}.mounted`;
  mkdirSync(target);
  const system = calls();
  system.mountWith("erofs", [["source", file]], target, 1);
  onTestFinished(() => system.unmount(target, true));
  return target;
}

const someFiles = bash(
  "mkdir a; echo 1 >a/1; seq 1 100000 >a/many; head -c 300000 /dev/urandom >b; ln b a/link; ln -s a l",
);

testIf(
  ["root", "devices", "acl", "xattr", "tools", "koffi", "mount", "erofs", "erofs-utils"],
  "an image of the ugly tree passes fsck.erofs, mounts, and is what a restore gives",
  async () => {
    const { scratch, source, store, file } = await storeOf(makeUglyTree);
    const report = await store.image("first", file);
    expect(report).toMatchObject({ path: file, sizeBytes: statSync(file).size });
    expect(report.omittedXattrs).toEqual({ count: 0, xattrs: [] });
    await run("fsck.erofs", [file]);
    const { stdout } = await run("dump.erofs", ["-s", file]);
    expect(stdout).toMatch(new RegExp(`Filesystem UUID: +${report.uuid}`));
    expect(stdout).toMatch(new RegExp(`Filesystem inode count: +${report.inodeCount}\n`));
    const mount = mounted(file);
    // EROFS counts the blocks of a file by its size, holes or not.
    expect(await compareTrees(source, mount, { without: ["holes"] })).toEqual([]);
    const restored = join(scratch, "restored");
    await store.restore("first", restored);
    expect(await compareTrees(restored, mount, { without: ["holes"] })).toEqual([]);
  },
);

testIf("erofs-utils", "an image needs neither root nor mounts, and holds no device", async () => {
  const { scratch, source, store, file } = await storeOf(someFiles);
  await store.image("first", file, { durability: "relaxed" });
  const target = join(scratch, "extracted");
  // It refuses an image with devices that it is not given.
  await run("fsck.erofs", [`--extract=${target}`, file]);
  for (const name of ["a/1", "a/many", "a/link", "b"])
    expect(readFileSync(join(target, name)).equals(readFileSync(join(source, name)))).toBe(true);
});

test("equal snapshots give equal bytes, whatever else is in their stores", async () => {
  const { scratch, source, store, file } = await storeOf(someFiles);
  const { uuid } = await store.image("first", file);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // In this store the chunks lie in another order, in another pack.
  const second = await Store.open(join(scratch, "second"));
  onTestFinished(() => second.close());
  await second.snapshot(join(source, "a"), { durability: "relaxed" });
  await second.snapshot(source, { name: "same", durability: "relaxed", workers: 2 });
  const other = `${file}.2`;
  await second.image("same", other, { durability: "relaxed" });
  expect(sha256(other)).toBe(sha256(file));
  const given = "01234567-89AB-4cde-8f01-23456789abcd";
  const third = await store.image("first", `${file}.3`, { uuid: given });
  expect(third.uuid).toBe(given.toLowerCase());
  expect(readFileSync(`${file}.3`).toString("hex", 1024 + 48, 1024 + 64)).toBe(
    given.toLowerCase().replaceAll("-", ""),
  );
  await expect(store.image("first", `${file}.4`, { uuid: "x" })).rejects.toThrow(TypeError);
  expect(existsSync(`${file}.4`)).toBe(false);
});

test("an image is for its owner alone, and has its name but no content until it is whole", async () => {
  const { store, file } = await storeOf(someFiles);
  const told: Progress[] = [];
  const sizes = new Set<number>();
  const { sizeBytes, durationMs } = await store.image("first", file, {
    onProgress: (each) => {
      told.push(each);
      sizes.add(statSync(file).size);
    },
  });
  expect([...sizes]).toEqual([0]);
  expect(statSync(file).mode & 0o777).toBe(0o600 & ~process.umask());
  expect(told.at(-1)).toEqual({ phase: "image", bytes: sizeBytes, total: sizeBytes });
  expect(durationMs).toBeGreaterThan(0);
});

test("a file that has content is replaced only by force, an empty one always", async () => {
  const { store, file, images } = await storeOf(someFiles);
  writeFileSync(file, "");
  const { sizeBytes } = await store.image("first", file);
  expect(statSync(file).size).toBe(sizeBytes);
  writeFileSync(file, "mine");
  await expect(store.image("first", file)).rejects.toMatchObject({
    code: "TARGET_NOT_EMPTY",
    path: file,
  });
  expect(readFileSync(file, "utf8")).toBe("mine");
  // What a link points at is replaced, and the link stays.
  symlinkSync(file, join(images, "link"));
  const report = await store.image("first", join(images, "link"), { force: true });
  expect(report).toMatchObject({ path: file, sizeBytes });
  expect(statSync(file).size).toBe(sizeBytes);
  expect(readdirSync(images).sort()).toEqual(["first.erofs", "link"]);
});

test("the name of an image may be as long as names can be", async () => {
  const { store, images } = await storeOf(someFiles);
  const name = "n".repeat(255);
  await store.image("first", join(images, name));
  expect(readdirSync(images)).toEqual([name]);
});

test("what is no place for an image is refused with its code, and nothing is left", async () => {
  const { scratch, store, file, images } = await storeOf(someFiles);
  symlinkSync("nowhere", join(images, "dangling"));
  symlinkSync(store.directory, join(images, "into"));
  const cases: readonly (readonly [string, string])[] = [
    [images, "INVALID_ARGUMENT"],
    [join(images, "dangling"), "INVALID_ARGUMENT"],
    [join(store.directory, "images", "x"), "NOT_FOUND"],
    [join(store.directory, "x"), "INVALID_ARGUMENT"],
    [join(store.directory, "catalog.sqlite"), "INVALID_ARGUMENT"],
    [join(images, "into", "x"), "INVALID_ARGUMENT"],
    [join(images, "missing", "x"), "NOT_FOUND"],
    [join(scratch, "source", "b", "x"), "NOT_A_DIRECTORY"],
  ];
  for (const [path, code] of cases)
    await expect(store.image("first", path, { force: true }), path).rejects.toMatchObject({ code });
  await expect(store.image("second", file)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const durability = "some" as ImageFileOptions["durability"];
  await expect(store.image("first", file, { durability })).rejects.toThrow(TypeError);
  expect(readdirSync(images).sort()).toEqual(["dangling", "into"]);
  expect(readdirSync(store.directory)).not.toContain("x");
});

test("an image that is aborted leaves nothing, and what was to be replaced stays", async () => {
  const { store, file, images } = await storeOf(someFiles);
  const aborted = AbortSignal.abort();
  await expect(store.image("first", file, { signal: aborted })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(readdirSync(images)).toEqual([]);
  writeFileSync(file, "mine");
  const controller = new AbortController();
  const options = {
    force: true,
    signal: controller.signal,
    // Most of it is written then.
    onProgress: () => controller.abort(),
  };
  await expect(store.image("first", file, options)).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(images)).toEqual(["first.erofs"]);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

testIf(["mount"], "a full disk leaves nothing, and the store stays usable", async () => {
  const { store, file, images } = await storeOf(bash("head -c 3000000 /dev/urandom >big"));
  await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", images]);
  onTestFinished(() => unmount(images));
  for (const durability of ["full", "relaxed"] as const)
    await expect(store.image("first", file, { durability })).rejects.toMatchObject({
      code: "DISK_FULL",
    });
  expect(readdirSync(images)).toEqual([]);
  await run("mount", ["-o", "remount,size=8m", images]);
  expect((await store.image("first", file)).sizeBytes).toBeGreaterThan(3_000_000);
});

test("a damaged chunk is named, and there is no image", async () => {
  const { source, store, file, images } = await storeOf(someFiles);
  const end = readFileSync(join(source, "b")).subarray(-16);
  const packs = readdirSync(join(store.directory, "packs"), { withFileTypes: true });
  const paths = packs.map(({ parentPath, name }) => join(parentPath, name));
  const pack = paths.find((path) => readFileSync(path).includes(end)) as string;
  flipByte(pack, readFileSync(pack).indexOf(end), end);
  await expect(store.image("first", file)).rejects.toMatchObject({
    code: "CORRUPT",
    digest: expect.stringMatching(/^sha256:/),
  });
  expect(readdirSync(images)).toEqual([]);
});

testIf(["mount", "koffi", "xattr"], "an attribute that EROFS cannot hold is reported", async () => {
  const { store, file } = await storeOf(async (source) => {
    // Other file systems have no room for values of that length.
    await run("mount", ["-t", "tmpfs", "tmpfs", source]);
    onTestFinished(() => unmount(source));
    await bash(`
      mkdir -p a/b
      echo 1 >a/b/c
      setfattr --name user.large --value "$(head -c 65536 /dev/zero | tr '\\0' a)" a a/b/c
    `)(source);
  });
  const { omittedXattrs } = await store.image("first", file);
  expect(omittedXattrs).toEqual({
    count: 2,
    xattrs: [
      { path: "a", xattr: "user.large" },
      { path: "a/b/c", xattr: "user.large" },
    ],
  });
});

async function unmount(directory: string): Promise<void> {
  await run("umount", ["--lazy", directory]);
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
