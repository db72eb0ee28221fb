/** What a sandbox is from its beginning to its end. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Sandbox } from "#dist/index.js";
import { emptyStore, kindsOf, openedAgain, textOf } from "./sandbox-fixture.js";

test("a sandbox begins as nothing, a snapshot, a directory, or what a record names", async () => {
  const { scratch, store, create } = await emptyStore();
  const empty = await create({ name: "empty" });
  expect(await empty.files.list("/", { recursive: true })).toEqual([]);
  const directory = join(scratch, "project");
  mkdirSync(directory);
  writeFileSync(join(directory, "file"), "content\n");
  const captured = await create({ base: { directory } });
  expect(await textOf(captured, "file")).toBe("content\n");
  const { snapshot } = await store.snapshot(directory, { name: "before" });
  for (const base of [snapshot, snapshot.id, "before", { snapshot: snapshot.id }]) {
    const sandbox = await create({ base });
    expect(await textOf(sandbox, "file")).toBe("content\n");
    expect(sandbox.base).toBe(snapshot.id);
    expect(sandbox.restoredFrom).toBeUndefined();
    await sandbox.delete();
  }
  const first = await store.registry.upload({ name: "agent", directory, entrypoint: "sh file" });
  writeFileSync(join(directory, "file"), "second\n");
  await store.registry.upload({ name: "agent", directory, entrypoint: "sh file" });
  for (const [base, content] of [
    [{ agent: "agent" }, "second\n"],
    [{ agent: "agent", version: 1 }, "content\n"],
    [first, "content\n"],
  ] as const) {
    const sandbox = await create({ base });
    expect(await textOf(sandbox, "file")).toBe(content);
    await sandbox.delete();
  }
  for (const version of [1, 2]) await store.registry.delete({ name: "agent", version });
  // What was made for a sandbox to begin as goes with it.
  await empty.delete();
  await captured.delete();
  expect((await store.snapshots()).map(({ id }) => id)).toEqual([snapshot.id]);
});

test("another handle gets a sandbox by its name, with its config, while it lives", async () => {
  const { storeDirectory, create } = await emptyStore();
  const config = { harness: "loop", model: "m-1", environment: { MODE: "test" } };
  const sandbox = await create({ name: "one", config });
  await sandbox.files.write("file", "content");
  const store = await openedAgain(storeDirectory);
  const same = await Sandbox.get(store, "one");
  expect([same.id, same.config, same.state]).toEqual([sandbox.id, config, "running"]);
  expect(await textOf(same, "file")).toBe("content");
  expect((await same.exec.command("echo $MODE")).stdout).toBe("test\n");
  await same.delete();
  expect(sandbox.state).toBe("deleted");
  await expect(Sandbox.get(store, "one")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(sandbox.exec.command("true")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(sandbox.files.list()).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(sandbox.snapshot()).rejects.toMatchObject({ code: "NOT_FOUND" });
  await sandbox.delete();
});

test("a name is of one living sandbox, and free again after its end", async () => {
  const { storeDirectory, create } = await emptyStore();
  const first = await create({ name: "one" });
  const store = await openedAgain(storeDirectory);
  await expect(Sandbox.create(store, { name: "one" })).rejects.toMatchObject({
    code: "NAME_TAKEN",
  });
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, () => Sandbox.create(store, { name: "two" })),
  );
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await first.delete();
  const again = await create({ name: "one" });
  expect(again.id).not.toBe(first.id);
});

test("fromSnapshot() gives back files and config after the sandbox has ended", async () => {
  const { store, create } = await emptyStore();
  const config = { model: "m-1", environment: { A: "1" }, secrets: { TOKEN: "vault:token" } };
  const sandbox = await create({ name: "one", config });
  await sandbox.files.write("file", "first\n");
  const snapshot = await sandbox.snapshot({ name: "frozen" });
  expect(snapshot).toMatchObject({
    name: "frozen",
    sandboxId: sandbox.id,
    sizeBytes: 6,
    status: "ready",
  });
  await sandbox.files.write("file", "second\n");
  await sandbox.delete();
  const again = await Sandbox.fromSnapshot(store, "frozen", { name: "one" });
  expect(await textOf(again, "file")).toBe("first\n");
  expect(again.config).toEqual(config);
  expect(again.isRestoredFrom(snapshot.id)).toBe(true);
  const later = await again.snapshot();
  const last = await Sandbox.fromSnapshot(store, later.id);
  expect(last.isRestoredFrom(later.id)).toBe(true);
  // It follows that one, but was not restored from it.
  expect(last.isRestoredFrom(snapshot.id)).toBe(false);
  expect(await kindsOf(last.events())).toEqual(["restored"]);
});

test("twenty sandboxes come from one snapshot at once, each with its own name", async () => {
  const { store, create } = await emptyStore();
  const sandbox = await create();
  await sandbox.files.write("file", "content");
  const { id } = await sandbox.snapshot();
  const made = await Sandbox.fromSnapshot(store, id, {
    name: "attempt",
    count: 20,
  });
  expect(made.map(({ status }) => status)).toEqual(Array(20).fill("fulfilled"));
  const { items } = await Sandbox.list(store, { limit: 100 });
  const names = items.map(({ name }) => name).filter((name) => name !== undefined);
  expect(names).toEqual(Array.from({ length: 20 }, (_, index) => `attempt-${index + 1}`));
  const taken = await Sandbox.fromSnapshot(store, id, {
    name: "attempt",
    count: 1,
  });
  expect(taken[0]).toMatchObject({ status: "rejected", reason: { code: "NAME_TAKEN" } });
});

test("snapshots are listed page by page, also those whose sandbox or snapshot is gone", async () => {
  const { store, create } = await emptyStore();
  const one = await create();
  const two = await create();
  const taken = [await one.snapshot({ name: "a" }), await two.snapshot(), await one.snapshot()];
  await one.delete();
  await store.remove(taken[2]!.id, { reparent: true });
  const first = await Sandbox.listSnapshots(store, { limit: 2 });
  const rest = await Sandbox.listSnapshots(store, { limit: 2, cursor: first.cursor! });
  expect([...first.items, ...rest.items].map(({ id }) => id).sort()).toEqual(
    taken.map(({ id }) => id).sort(),
  );
  const gone = [...first.items, ...rest.items].filter(({ status }) => status === "gone");
  expect(gone.map(({ id }) => id)).toEqual([taken[2]!.id]);
  expect((await two.listSnapshots()).items.map(({ id }) => id)).toEqual([taken[1]!.id]);
  await Sandbox.deleteSnapshot(store, taken[2]!.id);
  await Sandbox.deleteSnapshot(store, "a");
  await expect(store.get(taken[0]!.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(Sandbox.deleteSnapshot(store, "a")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a snapshot on which a sandbox stands is listed no more, and goes when that one does", async () => {
  const { store, create } = await emptyStore();
  const sandbox = await create();
  const { id } = await sandbox.snapshot();
  await sandbox.deleteSnapshot(id);
  expect((await sandbox.listSnapshots()).items).toEqual([]);
  expect((await store.get(id)).id).toBe(id);
  await sandbox.delete();
  await create();
  await expect(store.get(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a pinned snapshot is not deleted", async () => {
  const { store, create } = await emptyStore();
  const sandbox = await create();
  const { id } = await sandbox.snapshot();
  await store.pin(id);
  await expect(sandbox.deleteSnapshot(id)).rejects.toMatchObject({ code: "IN_USE" });
  expect((await sandbox.listSnapshots()).items).toHaveLength(1);
});

test("options that mean nothing are refused before anything is made", async () => {
  const { store, create } = await emptyStore();
  const wrong = [
    { name: "" },
    { config: { environment: { "a.b": "1" } } },
    { config: { environment: { A: 1 } } },
    { config: { environment: { A: "1" }, secrets: { A: "x" } } },
    { isolation: "jail" },
    { isolation: { kind: "bubblewrap", at: "relative" } },
    { freezer: "cold" },
    { base: {} },
  ];
  for (const options of wrong)
    await expect(create(options as object)).rejects.toBeInstanceOf(TypeError);
  await expect(create({ base: "none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await Sandbox.list(store)).items).toEqual([]);
  expect(await store.snapshots()).toEqual([]);
});
