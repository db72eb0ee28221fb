/** Erasing content: what is gone is gone from every file of the store, and what is not asked for stays as it was. */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { filesWith } from "./raw-search.js";
import { LARGE, SMALL, sha256, storeWithSecrets, traces } from "./store-with-secrets.js";

/** Returns what is in a snapshot, except below some paths, as text; bytes by their digests. */
async function listing(snapshot: Snapshot, without: readonly string[] = []): Promise<string[]> {
  const lines: string[] = [];
  for await (const { path, kind, sizeBytes, mode, mtimeNs, target } of snapshot.walk()) {
    if (without.some((each) => path === each || path.startsWith(`${each}/`))) continue;
    const size = kind === "directory" ? "" : sizeBytes;
    const bytes = kind === "file" ? sha256(await snapshot.readFile(path)) : target;
    lines.push([path, kind, size, mode, mtimeNs, bytes].join(" "));
  }
  return lines;
}

test("erased paths are found nowhere in the store's files, and all else is as it was", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  const paths = ["d/deep", "d/large-secret", "d/also-secret", "d/third-name"];
  const before = await Promise.all(snapshots.map((each) => listing(each, paths)));
  expect(traces(directory)).not.toEqual([]);
  expect(filesWith(directory, Buffer.from("also-secret"))).not.toEqual([]);
  const report = await store.erase({ paths });
  expect(traces(directory)).toEqual([]);
  // Old trees and link groups are gone too, and stat caches: they have names.
  expect(filesWith(directory, Buffer.from("also-secret"))).toEqual([]);
  expect(report.remaining).toEqual([]);
  expect(report).toMatchObject({
    contents: 2,
    notFound: [],
    standing: { count: 0 },
    bytesShared: 0,
  });
  expect(report.bytesErased).toBe(SMALL.length + LARGE.length);
  // The empty directory stood in all of them.
  expect(report.snapshots.map(({ name }) => name)).toEqual(["after", "second", "first", "before"]);
  for (const [
    index,
    { id, name, labels, parents, createdAt, source, digest },
  ] of snapshots.entries()) {
    const now = await store.get(id);
    expect(now).toMatchObject({ id, name, labels, parents, createdAt, source });
    expect(now.digest).not.toBe(digest);
    expect(now.erasedAt).toBeInstanceOf(Date);
    expect(await listing(now)).toEqual(before[index]);
    expect([now.entryCount, now.totalBytes]).toEqual([
      before[index]!.length,
      (await now.stat(""))!.sizeBytes,
    ]);
  }
});

test("what a repair put aside is told, until it is deleted: it may hold anything", async () => {
  const { store } = await storeWithSecrets();
  const quarantine = join(store.directory, "quarantine");
  mkdirSync(join(quarantine, "2026"), { recursive: true });
  writeFileSync(join(quarantine, "2026/0123456789abcdef.pack"), LARGE);
  const { remaining } = await store.erase({ paths: ["d/large-secret"] });
  expect(remaining.map(({ place }) => place)).toEqual(["quarantine/2026"]);
  rmSync(quarantine, { recursive: true });
  expect((await store.erase({ paths: ["d/large-secret"] })).remaining).toEqual([]);
});

test("a snapshot without it is not touched", async () => {
  const { store, snapshots } = await storeWithSecrets();
  const report = await store.erase({ paths: ["d/large-secret"] });
  expect(report.snapshots.map(({ name }) => name)).toEqual(["second", "first"]);
  for (const each of [snapshots[0]!, snapshots[3]!]) {
    const now = await store.get(each.id);
    expect([now.digest, now.erasedAt]).toEqual([each.digest, undefined]);
  }
});

test("the result is what a capture without it would have been", async () => {
  const { store, snapshots } = await storeWithSecrets();
  await store.erase({
    paths: ["d/deep/secret", "d/large-secret", "d/also-secret", "d/third-name"],
  });
  const first = await store.get(snapshots[1]!.id);
  const before = await store.get(snapshots[0]!.id);
  // Times of directories were not touched, which the state digest leaves out.
  expect(first.stateDigest).toBe(before.stateDigest);
});

test("digests are those of bytes, whatever the size, and erase all names", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  const report = await store.erase({
    digests: [SMALL, LARGE].map((each) => `sha256:${sha256(each)}`),
  });
  expect(report.notFound).toEqual([]);
  expect(
    report.snapshots.map(({ name, paths }) => [name, paths.paths.map(({ path }) => path)]),
  ).toEqual(
    ["second", "first"].map((name) => [
      name,
      ["d/also-secret", "d/deep/secret", "d/large-secret", "d/third-name"],
    ]),
  );
  expect(traces(directory)).toEqual([]);
  const names = (await (await store.get(snapshots[1]!.id)).readdir("d/deep")).length;
  expect(names).toBe(0);
});

test("digests are also those that stat tells", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  const { digest } = (await snapshots[1]!.stat("d/large-secret"))!;
  expect(digest).not.toBe(`sha256:${sha256(LARGE)}`);
  await store.erase({ digests: [digest!] });
  expect(filesWith(directory, LARGE.subarray(100_000, 100_064))).toEqual([]);
  expect(filesWith(directory, SMALL)).not.toEqual([]);
});

test("the same content at another path stays and is told, and other names of the file stay one file", async () => {
  const { directory, scratch, store, snapshots } = await storeWithSecrets();
  const report = await store.erase({ paths: ["d/deep/secret"] });
  expect(report.standing.paths.map(({ path }) => path).sort()).toEqual([
    "d/also-secret",
    "d/third-name",
  ]);
  expect(report).toMatchObject({ bytesErased: 0, bytesShared: SMALL.length });
  expect(filesWith(directory, SMALL)).not.toEqual([]);
  const target = join(scratch, "restored");
  await store.restore(snapshots[1]!.id, target);
  const [a, b] = ["d/also-secret", "d/third-name"].map((name) => statSync(join(target, name)));
  expect([a!.ino, a!.nlink]).toEqual([b!.ino, 2]);
  await store.erase({ paths: ["d/also-secret", "d/third-name"] });
  expect(filesWith(directory, SMALL)).toEqual([]);
});

test("a dry run tells the same and changes nothing", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  const paths = ["d/large-secret", "nowhere"];
  const planned = await store.erase({ paths, dryRun: true });
  expect((await store.get(snapshots[1]!.id)).digest).toBe(snapshots[1]!.digest);
  expect(filesWith(directory, LARGE.subarray(0, 64))).not.toEqual([]);
  const done = await store.erase({ paths });
  for (const key of [
    "snapshots",
    "notFound",
    "contents",
    "bytesErased",
    "bytesShared",
    "standing",
  ] as const)
    expect(done[key]).toEqual(planned[key]);
  expect(done.notFound).toEqual(["nowhere"]);
});

test("what was removed before, and is in no snapshot any more, is gone afterwards too", async () => {
  const { directory, store, snapshots } = await storeWithSecrets();
  await store.remove(snapshots[2]!, { reparent: true });
  await store.remove(snapshots[1]!, { reparent: true });
  await store.gc();
  const report = await store.erase({ paths: ["d/large-secret"] });
  expect(report.notFound).toEqual(["d/large-secret"]);
  expect(traces(directory)).toEqual([]);
});
