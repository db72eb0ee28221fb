/** Agents, their versions and tags. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { filesWith } from "../maintain/raw-search.js";
import { inDirectory, opened } from "../workspace/workspace-fixture.js";
import { expectConsistent, numbersOf, pagesOf, registryFixture } from "./registry-fixture.js";

test("uploads count up for each name, and latest moves by itself", async () => {
  const { store, storeDirectory, agent, directory } = await registryFixture();
  const { registry } = store;
  const first = await registry.upload({ ...agent, runtime: "node", labels: { team: "a" } });
  expect(first).toMatchObject({
    name: "bot",
    version: 1,
    tags: ["latest"],
    sizeBytes: undefined,
    entryCount: 3,
    runtime: "node",
    entrypoint: "node main.js",
    labels: { team: "a" },
    auth: {},
    removed: [],
  });
  expect(first.digest).toBe(first.snapshotDigest);
  inDirectory(directory, "echo 2 >two");
  const second = await registry.upload({ ...agent, tag: "beta" });
  expect([second.version, second.tags]).toEqual([2, ["beta", "latest"]]);
  expect(second.digest).not.toBe(first.digest);
  expect((await registry.upload({ ...agent, name: "other" })).version).toBe(1);
  const { removed: _, ...uploaded } = second;
  for (const each of [store, await opened(storeDirectory)]) {
    expect(await each.registry.get("bot")).toEqual(uploaded);
    expect(await each.registry.get("bot", { tag: "latest" })).toEqual(uploaded);
    expect(await each.registry.get("bot", { tag: "beta" })).toEqual(uploaded);
    expect(await each.registry.getById(second.id)).toEqual(uploaded);
    expect((await each.registry.get("bot", { version: 1 })).tags).toEqual([]);
  }
  expect((await registry.list()).items.map(({ name, version }) => [name, version])).toEqual([
    ["bot", 2],
    ["other", 1],
  ]);
  await expectConsistent(store);
});

test("what is there is uploaded from a snapshot too, with the same digest and another number", async () => {
  const { store, agent, directory } = await registryFixture();
  const { snapshot } = await store.snapshot(directory, { name: "made" });
  const { name, entrypoint } = agent;
  const versions = [
    await store.registry.upload({ name, entrypoint, snapshot }),
    await store.registry.upload({ name, entrypoint: ["node", "main.js"], snapshot: "made" }),
    await store.registry.upload(agent),
  ];
  expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(new Set(versions.map(({ digest }) => digest))).toEqual(new Set([snapshot.digest]));
  expect(versions[1]!.entrypoint).toEqual(["node", "main.js"]);
  // Deleting them leaves the snapshot that was given.
  for (const version of versions) await store.registry.delete(version);
  expect((await store.snapshots()).map(({ id }) => id)).toEqual([snapshot.id]);
});

test("a tag leads to one version, and goes where it is set last", async () => {
  const { store, agent } = await registryFixture();
  const { registry } = store;
  const first = await registry.upload({ ...agent, tag: "stable" });
  const second = await registry.upload(agent);
  expect((await registry.get("bot", { tag: "stable" })).version).toBe(1);
  expect((await registry.tag(second, "stable")).tags).toEqual(["latest", "stable"]);
  expect((await registry.getById(first.id)).tags).toEqual([]);
  await registry.tag({ name: "bot", tag: "stable" }, "canary");
  await registry.tag({ name: "bot", version: 1 }, "stable");
  expect((await registry.get("bot")).tags).toEqual(["canary", "latest"]);
  expect(await registry.untag("bot", "canary")).toBe(true);
  expect(await registry.untag("bot", "canary")).toBe(false);
  await expect(registry.tag(first, "latest")).rejects.toThrow(TypeError);
  await expect(registry.untag("bot", "latest")).rejects.toThrow(TypeError);
});

test("what is not there is NOT_FOUND, and the message tells what is", async () => {
  const { store, agent } = await registryFixture();
  const { registry } = store;
  await registry.upload({ ...agent, tag: "stable" });
  for (const which of [{ version: 7 }, { tag: "beta" }])
    await expect(registry.get("bot", which)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/version is 1, its tags are latest, stable/),
    });
  for (const attempt of [
    () => registry.get("none"),
    () => registry.getById("none"),
    () => registry.listVersions("none"),
    () => registry.delete({ name: "none" }),
    () => registry.tag({ name: "bot", version: 9 }, "x"),
    () => registry.launch({ name: "none" }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: "NOT_FOUND" });
  const error = await new Promise((resolve) =>
    registry.download({ name: "bot" }).on("error", resolve).resume(),
  );
  expect(error).toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("restore snapshot"),
  });
});

test("deleting a version leaves its number unused, and latest falls back", async () => {
  const { store, storeDirectory, agent } = await registryFixture();
  const { registry } = store;
  await registry.upload(agent);
  await registry.upload({ ...agent, tag: "beta" });
  const third = await registry.upload(agent);
  expect(await registry.delete(third)).toMatchObject({ version: 3 });
  expect((await registry.get("bot")).version).toBe(2);
  await registry.delete({ name: "bot", tag: "beta" });
  await expect(registry.get("bot", { tag: "beta" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await registry.delete({ name: "bot" });
  expect((await registry.list()).items).toEqual([]);
  const other = await opened(storeDirectory);
  expect((await other.registry.upload(agent)).version).toBe(4);
  await expectConsistent(store);
});

test("deleting frees the space once it is collected", async () => {
  const line = "A very particular line, that nothing else has";
  const { store, storeDirectory, directory, agent } = await registryFixture("echo 1 >kept");
  const first = await store.registry.upload(agent);
  inDirectory(directory, `echo '${line}' >line; head -c 3000000 /dev/urandom >large`);
  const second = await store.registry.upload(agent);
  const before = (await store.stats()).storedBytes;
  await store.registry.delete(second);
  expect(filesWith(storeDirectory, Buffer.from(line))).not.toEqual([]);
  await store.gc();
  expect(filesWith(storeDirectory, Buffer.from(line))).toEqual([]);
  expect((await store.stats()).storedBytes).toBeLessThan(before - 3_000_000);
  expect(await (await store.get(first.snapshot)).readFile("kept")).toEqual(Buffer.from("1\n"));
});

test("a version that a workspace stands on can be deleted, and its snapshot goes after the workspace", async () => {
  const { store, scratch, agent } = await registryFixture();
  const version = await store.registry.upload(agent);
  const dir = join(scratch, "run");
  const { workspace } = await store.registry.launch(version, { dir, driver: "copy" });
  inDirectory(dir, "echo more >>main.js");
  await store.registry.delete(version);
  expect((await workspace.snapshot()).snapshot.parent).toBe(version.snapshot);
  await workspace.discard();
  await store.registry.upload(agent);
  await expect(store.get(version.snapshot)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expectConsistent(store);
});

test("neither rm nor a retention policy takes what a version needs", async () => {
  const { store, agent } = await registryFixture();
  const version = await store.registry.upload(agent);
  await store.registry.upload(agent);
  await expect(store.remove(version.snapshot)).rejects.toMatchObject({ code: "IN_USE" });
  await store.retention({ ttl: 0, keepLast: 1 });
  await store.prune();
  await expectConsistent(store);
});

test("pages are stable while versions come and go, and together are the list", async () => {
  const { store, directory, agent } = await registryFixture("echo 1 >1");
  const { registry } = store;
  const { snapshot } = await store.snapshot(directory);
  const { name, entrypoint } = agent;
  const upload = () => registry.upload({ name, entrypoint, snapshot });
  for (let count = 0; count < 9; count++) await upload();
  const first = await registry.listVersions(name, { limit: 3 });
  expect(first.items.map(({ version }) => version)).toEqual([9, 8, 7]);
  await upload();
  await registry.delete({ name, version: 7 });
  await registry.delete({ name, version: 5 });
  const second = await registry.listVersions(name, { limit: 3, cursor: first.cursor! });
  expect(second.items.map(({ version }) => version)).toEqual([6, 4, 3]);
  const all = await pagesOf((query) => registry.listVersions(name, query), 2);
  expect(all.map(({ version }) => version)).toEqual([10, 9, 8, 6, 4, 3, 2, 1]);
  await registry.upload({ name: "another", entrypoint, snapshot });
  const agents = await registry.list({ limit: 1 });
  await expect(registry.listVersions(name, { cursor: agents.cursor! })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("limits take the oldest versions that have no tag, and the upload tells which", async () => {
  const { store, directory, agent } = await registryFixture("echo 1 >1");
  const { registry } = store;
  expect(await registry.limits()).toEqual({});
  expect(await registry.limits({ maxVersions: 3 })).toEqual({ maxVersions: 3 });
  await registry.upload({ ...agent, tag: "stable" });
  for (let count = 0; count < 2; count++)
    expect((await registry.upload(agent)).removed).toEqual([]);
  const { removed } = await registry.upload(agent);
  expect(removed.map(({ version }) => version)).toEqual([2]);
  expect(await numbersOf(store, "bot")).toEqual([4, 3, 1]);
  await registry.limits({ keepWithin: 0 });
  expect((await registry.upload(agent)).removed.map(({ version }) => version)).toEqual([3, 4]);
  expect(await numbersOf(store, "bot")).toEqual([5, 1]);
  await registry.limits({ maxSizeBytes: 4 });
  inDirectory(directory, "echo more >2");
  await expect(registry.upload(agent)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  expect(await numbersOf(store, "bot")).toEqual([5, 1]);
  await expectConsistent(store);
  await expect(registry.limits({ maxVersions: 0 })).rejects.toThrow(RangeError);
});

test("misuse is told before anything is done", async () => {
  const { store, agent } = await registryFixture();
  const { registry } = store;
  for (const wrong of [
    { name: "" },
    { name: "a@1" },
    { name: "a:b" },
    { entrypoint: "" },
    { entrypoint: [] },
    { tag: "latest" },
    { tag: "3" },
    { snapshot: "x" },
    { directory: undefined as unknown as string },
    { labels: { a: 1 as unknown as string } },
  ])
    await expect(registry.upload({ ...agent, ...wrong })).rejects.toThrow(TypeError);
  await expect(registry.get("bot", { version: 1, tag: "x" })).rejects.toThrow(TypeError);
  await expect(registry.get("bot", { version: 0 })).rejects.toThrow(RangeError);
  expect(await store.snapshots()).toEqual([]);
});

test("an upload that fails or is aborted leaves nothing", async () => {
  const { store, scratch, agent } = await registryFixture();
  const { registry } = store;
  const auth = { configFiles: [{ path: "main.js/x", template: "" }] };
  await expect(registry.upload({ ...agent, auth })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  await expect(
    registry.upload({ ...agent, directory: join(scratch, "none") }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(registry.upload({ ...agent, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(await store.snapshots()).toEqual([]);
  expect((await registry.upload(agent)).version).toBe(1);
  await expectConsistent(store);
});

test("versions are pinned again after the catalog was lost and made anew from the packs", async () => {
  const { store, storeDirectory, agent } = await registryFixture();
  const first = await store.registry.upload(agent);
  await store.close();
  for (const each of ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"])
    rmSync(join(storeDirectory, each), { force: true });
  await Store.repair(storeDirectory);
  const repaired = await opened(storeDirectory);
  expect(await repaired.pins()).toEqual([]);
  expect((await repaired.registry.get("bot")).id).toBe(first.id);
  const second = await repaired.registry.upload(agent);
  const pinned = (await repaired.pins()).map(({ snapshot }) => snapshot);
  expect(pinned.sort()).toEqual([first.snapshot, second.snapshot].sort());
  await expect(repaired.remove(first.snapshot)).rejects.toMatchObject({ code: "IN_USE" });
});
