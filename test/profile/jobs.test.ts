/** Profiles and their jobs, in one process. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Sandbox, Store } from "#dist/index.js";
import { ended, isGone, nothingIsLeft, openProfiles, textIn, until } from "./open-profiles.js";

test("a profile is published, refreshed, fails, and keeps serving", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const flag = join(scratch, "flag");
  writeFileSync(flag, "one");
  const setup = [`cat ${flag} >made`, 'test "$(cat made)" != broken', "echo done"];
  expect(await profiles.define("web", { base: "base", setup })).toMatchObject({
    name: "web",
    state: "draft",
  });
  await expect(profiles.readySnapshot("web")).rejects.toMatchObject({
    code: "NOT_READY",
    message: expect.stringContaining("never published"),
  });
  const published = await profiles.publish("web");
  expect(published).toMatchObject({ profile: "web", version: 1, reason: "publish", attempts: 1 });
  const first = await profiles.waitUntilReady("web");
  expect(await textIn(first, "made")).toBe("one");
  expect(await textIn(first, "package.json")).toBe("{}\n");
  expect(await profiles.job(published.id)).toMatchObject({
    state: "ready",
    exitCode: 0,
    snapshot: first.id,
  });
  expect(await profiles.output(published.id)).toEqual({ text: "done\n", cutBytes: 0 });

  writeFileSync(flag, "two");
  const refreshed = await profiles.refresh("web");
  expect(refreshed).toMatchObject({ isNew: true, reason: "refresh" });
  await ended(store, refreshed.id);
  const second = await profiles.readySnapshot("web");
  expect(await textIn(second, "made")).toBe("two");
  await isGone(store, first.id);

  writeFileSync(flag, "broken");
  const failing = await profiles.refresh("web");
  await ended(store, failing.id);
  expect(await profiles.job(failing.id)).toMatchObject({
    state: "failed",
    exitCode: 1,
    error: "the setup ended with exit code 1",
  });
  expect(await profiles.get("web")).toMatchObject({ state: "failed", snapshot: second.id });
  expect((await profiles.readySnapshot("web")).id).toBe(second.id);
  await expect(store.remove(second)).rejects.toMatchObject({ code: "IN_USE" });
  expect((await profiles.jobs("web")).items.map(({ state }) => state)).toEqual([
    "failed",
    "ready",
    "ready",
  ]);
  await nothingIsLeft(store);
});

test("a profile that never was ready tells why, with the last lines that its setup wrote", async () => {
  const { profiles } = await openProfiles();
  await profiles.define("web", {
    setup: "for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 9",
  });
  await profiles.publish("web", { run: false });
  await expect(profiles.readySnapshot("web")).rejects.toMatchObject({
    code: "NOT_READY",
    message: expect.stringMatching(/queued since \d{4}-/),
  });
  await profiles.refresh("web");
  const failure = await profiles.waitUntilReady("web").catch((error) => error);
  expect(failure).toMatchObject({ code: "SETUP_FAILED" });
  expect(failure.message).toContain("exit code 9; it wrote last:\nline 3\nline 4");
  expect(failure.message).not.toContain("line 2");
  await expect(profiles.readySnapshot("web")).rejects.toMatchObject({ code: "SETUP_FAILED" });
  await expect(profiles.readySnapshot("none")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("while a job is under way a refresh returns it, and its output can be read", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const gate = join(scratch, "gate");
  await profiles.define("web", {
    setup: `echo waiting; until test -e ${gate}; do sleep 0.05; done; echo over`,
  });
  const { id } = await profiles.publish("web");
  await until(async () => (await profiles.output(id)).text === "waiting\n");
  await expect(profiles.readySnapshot("web")).rejects.toThrow(/running since/);
  expect(await profiles.refresh("web")).toMatchObject({ id, isNew: false, state: "running" });
  await expect(profiles.remove("web")).rejects.toMatchObject({ code: "IN_USE" });
  const aborted = profiles.waitUntilReady("web", { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
  await expect(profiles.waitUntilReady("web", { timeout: 1 })).rejects.toMatchObject({
    code: "TIMEOUT",
  });
  writeFileSync(gate, "");
  await profiles.waitUntilReady("web");
  expect((await profiles.output(id)).text).toBe("waiting\nover\n");
  await nothingIsLeft(store);
});

test("a second version takes the place of the first one when it is ready, not before", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { base: "base", setup: "echo 1 >made" });
  await profiles.publish("web");
  const first = await profiles.waitUntilReady("web");
  await profiles.define("web", { base: "base", setup: "echo 2 >made; exit 1" });
  await profiles.publish("web");
  await expect(profiles.waitUntilReady("web")).rejects.toMatchObject({ code: "SETUP_FAILED" });
  expect((await profiles.readySnapshot("web")).id).toBe(first.id);
  await profiles.define("web", { base: "base", setup: "echo 3 >made" });
  await profiles.publish("web");
  const third = await profiles.waitUntilReady("web");
  expect(await textIn(third, "made")).toBe("3\n");
  expect((await profiles.versions("web")).items).toMatchObject([
    { version: 3, snapshot: third.id },
    { version: 2, draft: { setup: "echo 2 >made; exit 1" } },
    { version: 1 },
  ]);
  await isGone(store, first.id);
  await nothingIsLeft(store);
});

test("a job that is still queued when another version is published has failed", async () => {
  const { profiles } = await openProfiles();
  await profiles.define("web", { setup: "true" });
  const first = await profiles.publish("web", { run: false });
  await profiles.publish("web");
  await profiles.waitUntilReady("web");
  expect(await profiles.job(first.id)).toMatchObject({
    state: "failed",
    error: "version 2 was published before it began",
  });
});

test("the base may be removed once it is published", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { base: "base", setup: "cat package.json" });
  await profiles.publish("web", { run: false });
  await store.remove("base", { reparent: true });
  await store.gc();
  const { id } = await profiles.refresh("web");
  await profiles.waitUntilReady("web");
  expect((await profiles.output(id)).text).toBe("{}\n");
  await expect(profiles.publish("web")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await nothingIsLeft(store);
});

test("a directory, and another profile's snapshot, are taken as they are when a job runs", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const directory = join(scratch, "source");
  await profiles.define("lower", { base: { directory }, setup: "cp package.json copy" });
  await profiles.define("upper", { base: { profile: "lower" }, setup: "cat copy" });
  await profiles.publish("upper");
  await expect(profiles.waitUntilReady("upper")).rejects.toMatchObject({
    code: "SETUP_FAILED",
    message: expect.stringContaining("lower: it was never published"),
  });
  writeFileSync(join(directory, "package.json"), "new\n");
  await profiles.publish("lower");
  await profiles.waitUntilReady("lower");
  const { id } = await profiles.refresh("upper");
  await profiles.waitUntilReady("upper");
  expect((await profiles.output(id)).text).toBe("new\n");
  await expect(profiles.remove("lower")).rejects.toMatchObject({ code: "IN_USE" });
  await expect(
    profiles.define("lower", { base: { profile: "upper" }, setup: "" }),
  ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await nothingIsLeft(store);
});

test("a store that is closed puts its job back, and whoever works next runs it to its end", async () => {
  const { store, profiles, scratch } = await openProfiles();
  const gate = join(scratch, "gate");
  const base = { directory: join(scratch, "source") };
  await profiles.define("web", { base, setup: `test -e ${gate} || sleep 1000` });
  const { id } = await profiles.publish("web");
  await until(async () => (await profiles.job(id)).state === "running");
  await store.close();
  const again = await Store.open(store.directory);
  expect(await again.profiles.job(id)).toMatchObject({ state: "queued", attempts: 0 });
  writeFileSync(gate, "");
  const end = new AbortController();
  const working = again.profiles.work({ signal: end.signal });
  await again.profiles.waitUntilReady("web");
  end.abort();
  await working;
  expect(await again.profiles.job(id)).toMatchObject({ state: "ready", attempts: 1 });
  await nothingIsLeft(again);
  await again.close();
});

test("a worker that is told to end puts its job back at once", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { setup: "sleep 1000" });
  const { id } = await profiles.publish("web", { run: false });
  const end = new AbortController();
  const working = profiles.work({ signal: end.signal });
  await until(async () => (await profiles.job(id)).state === "running");
  end.abort();
  await working;
  expect(await profiles.job(id)).toMatchObject({ state: "queued", attempts: 0 });
  await nothingIsLeft(store);
});

test("removing a profile frees its space with the next collection", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { base: "base", setup: "head -c 3000000 /dev/urandom >large" });
  await profiles.publish("web");
  await profiles.waitUntilReady("web");
  await profiles.remove("web");
  expect((await store.snapshots()).map(({ name }) => name)).toEqual(["base"]);
  const { bytesRemoved } = await store.gc();
  expect(bytesRemoved).toBeGreaterThanOrEqual(3_000_000);
  await expect(profiles.get("web")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await store.pins()).toEqual([]);
});

test("a ready snapshot that somebody else pins, or stands on, outlives its refresh", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { setup: "date +%N >made" });
  await profiles.publish("web");
  const pinned = await profiles.waitUntilReady("web");
  await store.pin(pinned, { note: "mine" });
  await ended(store, (await profiles.refresh("web")).id);
  const stoodOn = await profiles.readySnapshot("web");
  const workspace = await store.fork(stoodOn);
  await ended(store, (await profiles.refresh("web")).id);
  await store.get(pinned.id);
  await store.get(stoodOn.id);
  await workspace.discard();
  await ended(store, (await profiles.refresh("web")).id);
  await isGone(store, stoodOn.id);
  expect((await store.pins()).map(({ note }) => note).sort()).toEqual(["mine", "of a profile"]);
});

test("a sandbox begins as a profile's ready snapshot, or tells why there is none", async () => {
  const { store, profiles } = await openProfiles();
  await profiles.define("web", { base: "base", setup: "echo prepared >made" });
  const create = () => Sandbox.create(store, { base: { profile: "web" } });
  await expect(create()).rejects.toMatchObject({ code: "NOT_READY" });
  await profiles.publish("web");
  const ready = await profiles.waitUntilReady("web");
  const sandbox = await create();
  expect((await sandbox.exec.command("cat made package.json")).stdout).toBe("prepared\n{}\n");
  await ended(store, (await profiles.refresh("web")).id);
  expect((await sandbox.exec.command("cat made")).stdout).toBe("prepared\n");
  await store.get(ready.id);
  await sandbox.delete();
  await profiles.remove("web");
  await isGone(store, ready.id);
});
