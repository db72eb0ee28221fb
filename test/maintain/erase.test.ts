/** Erasing content: what is gone is gone from every file of the store, and what is not asked for stays as it was. */
import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { filesWith } from "./raw-search.js";

/** Bytes that nothing else has: of one chunk, and of many. */
const SMALL = Buffer.from(`secret ${randomBytes(24).toString("hex")}\n`);
const LARGE = randomBytes(200_000);

interface World {
  readonly scratch: string;
  readonly directory: string;
  readonly source: string;
  readonly store: Store;
  /** One without, two with the secrets, one without them again. */
  readonly snapshots: readonly Snapshot[];
}

async function world(): Promise<World> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  const directory = join(scratch, "store");
  mkdirSync(join(source, "d/deep"), { recursive: true });
  const at = (name: string) => join(source, name);
  for (let index = 0; index < 300; index++) writeFileSync(at(`d/file-${index}`), `file ${index}\n`);
  writeFileSync(at("large"), randomBytes(150_000));
  writeFileSync(at("linked"), "linked");
  linkSync(at("linked"), at("d/linked"));
  symlinkSync("large", at("link"));
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  const snapshots: Snapshot[] = [];
  const capture = async (name: string) => {
    const parent = snapshots.at(-1)?.id;
    const options = { name, labels: { step: name }, ...(parent && { parent }) };
    snapshots.push((await store.snapshot(source, options)).snapshot);
  };
  await capture("before");
  writeFileSync(at("d/deep/secret"), SMALL);
  writeFileSync(at("d/large-secret"), LARGE);
  linkSync(at("d/deep/secret"), at("d/also-secret"));
  linkSync(at("d/deep/secret"), at("d/third-name"));
  await capture("first");
  writeFileSync(at("d/file-7"), "another\n");
  await capture("second");
  for (const each of ["d/deep/secret", "d/large-secret", "d/also-secret", "d/third-name"])
    rmSync(at(each));
  await capture("after");
  return { scratch, directory, source, store, snapshots };
}

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

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Pieces of the bytes in whatever chunks they lie, with what they are of. */
function pieces(): Buffer[] {
  return [SMALL, ...[0, 50_000, 100_000, 199_936].map((at) => LARGE.subarray(at, at + 64))];
}

function traces(directory: string): string[] {
  return pieces().flatMap((piece) => filesWith(directory, piece));
}

test("erased paths are found nowhere in the store's files, and all else is as it was", async () => {
  const { directory, store, snapshots } = await world();
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

test("a snapshot without it is not touched", async () => {
  const { store, snapshots } = await world();
  const report = await store.erase({ paths: ["d/large-secret"] });
  expect(report.snapshots.map(({ name }) => name)).toEqual(["second", "first"]);
  for (const each of [snapshots[0]!, snapshots[3]!]) {
    const now = await store.get(each.id);
    expect([now.digest, now.erasedAt]).toEqual([each.digest, undefined]);
  }
});

test("the result is what a capture without it would have been", async () => {
  const { store, snapshots } = await world();
  await store.erase({
    paths: ["d/deep/secret", "d/large-secret", "d/also-secret", "d/third-name"],
  });
  const first = await store.get(snapshots[1]!.id);
  const before = await store.get(snapshots[0]!.id);
  // Times of directories were not touched, which the state digest leaves out.
  expect(first.stateDigest).toBe(before.stateDigest);
});

test("digests are those of bytes, whatever the size, and erase all names", async () => {
  const { directory, store, snapshots } = await world();
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
  const { directory, store, snapshots } = await world();
  const { digest } = (await snapshots[1]!.stat("d/large-secret"))!;
  expect(digest).not.toBe(`sha256:${sha256(LARGE)}`);
  await store.erase({ digests: [digest!] });
  expect(filesWith(directory, LARGE.subarray(100_000, 100_064))).toEqual([]);
  expect(filesWith(directory, SMALL)).not.toEqual([]);
});

test("the same content at another path stays and is told, and other names of the file stay one file", async () => {
  const { directory, scratch, store, snapshots } = await world();
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
  const { directory, store, snapshots } = await world();
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
  const { directory, store, snapshots } = await world();
  await store.remove(snapshots[2]!, { reparent: true });
  await store.remove(snapshots[1]!, { reparent: true });
  await store.gc();
  const report = await store.erase({ paths: ["d/large-secret"] });
  expect(report.notFound).toEqual(["d/large-secret"]);
  expect(traces(directory)).toEqual([]);
});

test("a workspace on an affected snapshot has it refused, and nothing is changed", async () => {
  const { directory, scratch, store, snapshots } = await world();
  const path = join(scratch, "w");
  const workspace = await store.fork(snapshots[1]!, { dir: path });
  onTestFinished(() => workspace.discard({ force: true }).catch(() => undefined));
  await expect(store.erase({ paths: ["d/large-secret"] })).rejects.toMatchObject({
    code: "IN_USE",
    message: expect.stringContaining(path) as string,
  });
  expect((await store.get(snapshots[2]!.id)).digest).toBe(snapshots[2]!.digest);
  await workspace.discard();
  // The image that it lay on is gone as well.
  await store.erase({ paths: ["d/large-secret", "d/deep", "d/also-secret", "d/third-name"] });
  expect(traces(directory)).toEqual([]);
});

test("a workspace that lies on the image of an affected snapshot has it refused too", async () => {
  const { scratch, store, snapshots } = await world();
  const workspace = await store.fork(snapshots[1]!, { dir: join(scratch, "w") });
  for (const name of ["d/large-secret", "d/deep/secret", "d/also-secret", "d/third-name"])
    rmSync(join(workspace.path, name));
  const { snapshot } = await workspace.snapshot();
  await workspace.discard();
  const other = await store.fork(snapshot, { dir: join(scratch, "other") });
  onTestFinished(() => other.discard({ force: true }));
  const erasing = store.erase({ paths: ["d/large-secret"] });
  if (other.driver.startsWith("overlayfs"))
    await expect(erasing).rejects.toMatchObject({ code: "IN_USE" });
  else expect((await erasing).remaining).toEqual([]);
});

test("a pinned snapshot is erased from as well, and stays pinned", async () => {
  const { directory, store, snapshots } = await world();
  await store.pin(snapshots[1]!);
  await store.erase({ digests: [`sha256:${sha256(SMALL)}`] });
  expect(filesWith(directory, SMALL)).toEqual([]);
  expect(await store.pins()).toMatchObject([{ snapshot: snapshots[1]!.id }]);
});

test("a capture after it reads what the stat cache knew, and stores it anew", async () => {
  const { directory, source, store } = await world();
  writeFileSync(join(source, "again"), SMALL);
  await store.snapshot(source);
  await store.erase({ digests: [`sha256:${sha256(SMALL)}`] });
  expect(filesWith(directory, SMALL)).toEqual([]);
  const { snapshot } = await store.snapshot(source);
  expect(await snapshot.readFile("again")).toEqual(SMALL);
});

test("nothing to erase, the root, and what is no digest are refused", async () => {
  const { store } = await world();
  for (const request of [{}, { paths: ["."] }, { paths: ["../x"] }, { digests: ["sha256:12"] }])
    await expect(store.erase(request)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("an overlay on an affected snapshot has it refused, and nothing is changed; one on another does not", async () => {
  const { directory, store, snapshots } = await world();
  const other = store.overlay(snapshots[0]!);
  await other.writeFile("/new", "new");
  await other.snapshot();
  await store.erase({ paths: ["d/large-secret"] });
  const overlay = store.overlay(snapshots[2]!.id);
  await overlay.writeFile("/new", "new");
  const paths = ["d/deep", "d/also-secret", "d/third-name"];
  await expect(store.erase({ paths: paths.slice(1) })).rejects.toMatchObject({ code: "IN_USE" });
  expect(await overlay.readFile("/d/also-secret")).toEqual(SMALL);
  expect(filesWith(directory, SMALL)).not.toEqual([]);
  await store.close();
  const again = await Store.open(directory);
  await again.erase({ paths });
  await again.close();
  expect(traces(directory)).toEqual([]);
});
