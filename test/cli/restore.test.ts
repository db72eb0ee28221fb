import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { testIf } from "../tooling/test-if.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

testIf("tools", "restore fills a new directory", async () => {
  const { scratch, source, store } = await storeWithSnapshots();
  const target = join(scratch, "target");
  const { snapshot, plan, undo, report } = await coppiceJson([
    "restore",
    "second",
    target,
    "--store",
    store,
  ]);
  expect(await compareTrees(source, target)).toEqual([]);
  expect({ name: snapshot.name, plan, undo }).toEqual({ name: "second", plan: false, undo: null });
  expect(report).toMatchObject({
    actions: { create: 6, mkdir: 1, replace: 0, remove: 0 },
    kept: [],
    limits: [],
    durationMs: expect.any(Number),
  });
});

test("restore --plan tells what it would do and does nothing", async () => {
  const { scratch, source, store } = await storeWithSnapshots();
  const before = readFileSync(join(source, "edited.txt"), "utf8");
  const { stdout } = await coppice(["restore", "first", source, "--plan", "--store", store]);
  for (const line of [
    "-  remove      docs/added.md",
    "~  replace     edited.txt",
    "+  create      gone.txt",
    "·  update      run.sh  mode",
  ]) {
    expect(stdout.split("\n")).toContain(line);
  }
  expect(readFileSync(join(source, "edited.txt"), "utf8")).toBe(before);
  const nowhere = join(scratch, "nowhere");
  const { plan, report } = await coppiceJson([
    "restore",
    "first",
    nowhere,
    "--plan",
    "--store",
    store,
  ]);
  expect([plan, report.changes.length]).toEqual([true, 8]);
  expect(existsSync(nowhere)).toBe(false);
  const same = await coppice(["restore", "second", source, "--plan", "--store", store]);
  expect(same.stdout).toContain("nothing to do");
});

testIf("tools", "restore changes a directory in place, and --undo makes a way back", async () => {
  const { scratch, source, store } = await storeWithSnapshots();
  const [first, second] = [join(scratch, "first"), join(scratch, "second")];
  await coppice(["restore", "first", first, "--store", store]);
  await coppice(["restore", "second", second, "--store", store]);
  const { ino } = statSync(join(source, "docs/guide.md"));

  const { undo } = await coppiceJson(["restore", "first", source, "--undo", "--store", store]);
  expect(await compareTrees(first, source)).toEqual([]);
  expect(statSync(join(source, "docs/guide.md")).ino).toBe(ino);
  const { stdout } = await coppice(["restore", undo.id, source, "--store", store]);
  expect(stdout).toContain(`${undo.id} → ${source}`);
  expect(await compareTrees(second, source)).toEqual([]);
});

test("restore takes paths and leaves the rest alone", async () => {
  const { source, store } = await storeWithSnapshots();
  await coppice(["restore", "first", source, "edited.txt", "docs", "--store", store]);
  expect(readFileSync(join(source, "edited.txt"), "utf8")).toBe("before\n");
  expect(existsSync(join(source, "docs/added.md"))).toBe(false);
  expect(existsSync(join(source, "gone.txt"))).toBe(false);
});

test("restore writes into a directory of others only with --force", async () => {
  const { scratch, store } = await storeWithSnapshots();
  const target = join(scratch, "mine");
  mkdirSync(target);
  writeFileSync(join(target, "letter.txt"), "dear");
  const { exitCode, error } = await coppiceError(["restore", "first", target, "--store", store]);
  expect([exitCode, error.code, error.path]).toEqual([1, "TARGET_NOT_EMPTY", target]);
  expect(readFileSync(join(target, "letter.txt"), "utf8")).toBe("dear");
  await coppice(["restore", "first", target, "--force", "--store", store]);
  expect(existsSync(join(target, "letter.txt"))).toBe(false);
});
