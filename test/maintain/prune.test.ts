/** Pins, and what policies remove from real stores. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CoppiceError } from "#dist/index.js";
import { idsIn, storeOfVersions, VERSION_BYTES } from "./store-of-versions.js";

const DAY = 86_400_000;

test("a pinned snapshot is refused removal until it is unpinned", async () => {
  const { store, snapshots } = await storeOfVersions(1);
  const [first] = snapshots as [(typeof snapshots)[0]];
  await store.pin(first, { note: "kept" });
  await store.pin(first, { note: "kept for good" });
  expect(await store.pins()).toMatchObject([{ snapshot: first.id, note: "kept for good" }]);
  const refusal = await store.remove(first).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "IN_USE" });
  expect((refusal as CoppiceError).message).toContain("kept for good");
  expect([await store.unpin(first), await store.unpin(first)]).toEqual([true, false]);
  await store.remove(first);
  expect(await store.pins()).toEqual([]);
});

test("prune hands the children of what goes to its parents, and leaves them whole", async () => {
  const { store, snapshots } = await storeOfVersions(5);
  await store.pin(snapshots[1]!);
  const last = await snapshots[4]!.readFile("file");
  const report = await store.prune({ keepLast: 1 });
  expect(report.snapshots.map(({ reason }) => reason)).toEqual([
    "keepLast",
    "unkept",
    "unkept",
    "pinned",
    "unkept",
  ]);
  expect(await idsIn(store)).toEqual([snapshots[1]!.id, snapshots[4]!.id]);
  expect((await store.get(snapshots[4]!.id)).parent).toBe(snapshots[1]!.id);
  expect((await store.get(snapshots[1]!.id)).parent).toBe(undefined);
  expect(await snapshots[4]!.readFile("file")).toEqual(last);
  expect(report.gc!.bytesFreed).toBeGreaterThan(2 * VERSION_BYTES);
});

test("a dry run tells what would go and changes nothing", async () => {
  const { store } = await storeOfVersions(3);
  const before = await idsIn(store);
  const planned = await store.prune({ keepLast: 1 }, { dryRun: true });
  expect(await idsIn(store)).toEqual(before);
  expect((await store.prune({ keepLast: 1 })).pruned).toEqual(planned.pruned);
  expect(planned.pruned).toHaveLength(2);
});

test("ages are told by the time that is given", async () => {
  const { store, snapshots } = await storeOfVersions(2);
  const later = new Date(snapshots[1]!.createdAt.getTime() + 2 * DAY);
  expect((await store.prune({ ttl: 3 * DAY }, { now: later })).pruned).toEqual([]);
  expect((await store.prune({ ttl: DAY }, { now: later })).pruned).toHaveLength(2);
});

test("the policy of a store is kept with it, and is what prune goes by", async () => {
  const { store } = await storeOfVersions(3);
  expect(await store.retention()).toEqual({});
  await expect(store.prune()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await store.retention({ keepLast: 2 });
  expect(await store.retention()).toEqual({ keepLast: 2 });
  expect((await store.prune()).pruned).toHaveLength(1);
  expect(await store.retention({})).toEqual({});
});

test("a policy with numbers out of range is refused, and the one before stays", async () => {
  const { store } = await storeOfVersions(0);
  await store.retention({ keepLast: 2 });
  for (const policy of [{ keepLast: 0 }, { ttl: -1 }, { maxBytes: 0.5 }, { maxPerName: 1.5 }])
    await expect(store.retention(policy)).rejects.toThrow(RangeError);
  await expect(store.retention({ keepDaily: 1 } as object)).rejects.toThrow(TypeError);
  expect(await store.retention()).toEqual({ keepLast: 2 });
});

test("what a workspace stands on stays", async () => {
  const { scratch, store, snapshots } = await storeOfVersions(3);
  const workspace = await store.fork(snapshots[0]!, { dir: join(scratch, "w"), driver: "copy" });
  const report = await store.prune({ keepLast: 1 });
  expect(report.snapshots.map(({ reason }) => reason)).toEqual(["keepLast", "unkept", "workspace"]);
  await workspace.discard();
  expect((await store.prune({ keepLast: 1 })).pruned).toEqual([snapshots[0]!.id]);
});

test("a store stays within maxBytes: the oldest snapshots make room, and the report of the new one says so", async () => {
  const { store, source, snapshots } = await storeOfVersions(3);
  await store.pin(snapshots[0]!);
  await store.retention({ maxBytes: 5.5 * VERSION_BYTES });
  let parent = snapshots.at(-1);
  for (let index = 0; index < 6; index++) {
    const before = await idsIn(store);
    writeFileSync(join(source, "file"), randomBytes(VERSION_BYTES));
    const taken = await store.snapshot(source, { ...(parent && { parent: parent.id }) });
    parent = taken.snapshot;
    const after = await idsIn(store);
    expect(taken.report.pruned).toEqual(before.filter((id) => !after.includes(id)));
    expect(taken.report.overLimit).toBe(undefined);
    const { heldBytes } = await store.prune({ keepLast: 100 }, { dryRun: true });
    expect(heldBytes).toBeLessThanOrEqual(5.5 * VERSION_BYTES);
  }
  const left = await idsIn(store);
  expect(left).toContain(snapshots[0]!.id);
  expect(left).toContain(parent!.id);
  expect(left).not.toContain(snapshots[1]!.id);
  for (const { id } of await store.snapshots())
    expect(await (await store.get(id)).readFile("same")).toHaveLength(VERSION_BYTES);
});

test("what nothing needs is collected before any snapshot goes", async () => {
  const { store, source, snapshots } = await storeOfVersions(4);
  await store.remove(snapshots[0]!, { reparent: true });
  await store.remove(snapshots[1]!, { reparent: true });
  await store.retention({ maxBytes: 4.8 * VERSION_BYTES });
  const { report } = await store.snapshot(source, { parent: snapshots[3]!.id });
  expect(report.pruned).toEqual([]);
  expect(report.overLimit).toBe(undefined);
  expect(await idsIn(store)).toHaveLength(3);
});

test("where it cannot fit the snapshot is made all the same, and says why", async () => {
  const { store, source, snapshots } = await storeOfVersions(2);
  await store.pin(snapshots[0]!);
  await store.retention({ maxBytes: 1_000 });
  const { snapshot, report } = await store.snapshot(source, { parent: snapshots[1]!.id });
  expect(report.pruned).toEqual([snapshots[1]!.id]);
  expect(report.overLimit).toMatch(/holds \d+ bytes where 1000 are allowed: .*pinned/);
  expect(await idsIn(store)).toEqual([snapshots[0]!.id, snapshot.id]);
});

test("every kind of snapshot makes room: of workspaces, of overlays, merges, and those that a restore can be undone with", async () => {
  const { scratch, store, source, snapshots } = await storeOfVersions(4);
  const [oldest, , base, newest] = snapshots as [
    (typeof snapshots)[0],
    (typeof snapshots)[0],
    (typeof snapshots)[0],
    (typeof snapshots)[0],
  ];
  await store.pin(base);
  await store.pin(newest);
  await store.retention({ maxBytes: 1_000 });
  const overlay = store.overlay(newest);
  await overlay.writeFile("/new", "new");
  expect((await overlay.snapshot()).pruned).toContain(oldest.id);
  const workspace = await store.fork(newest, { dir: join(scratch, "w"), driver: "copy" });
  writeFileSync(join(workspace.path, "w"), "w");
  expect((await workspace.snapshot({ name: "in-workspace" })).overLimit).toBeDefined();
  const merged = await store.merge({ base, ours: newest, theirs: base, name: "merged" });
  expect(merged.report.overLimit).toBeDefined();
  writeFileSync(join(source, "file"), "other");
  const doomed = await store.get("merged");
  const { undo } = await store.restore(doomed, source, { undo: true });
  expect((await idsIn(store)).includes(undo!.id)).toBe(true);
  // What is restored does not go for its own undo.
  expect((await store.get("merged")).id).toBe(doomed.id);
});
