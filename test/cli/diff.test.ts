import { expect, test } from "vitest";
import { coppice, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("diff tells what was added, modified, removed, renamed, and what became something else", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["diff", "first", "second", "--store", store]);
  expect(stdout.split("\n")).toEqual([
    "A       +8 B  docs/added.md",
    "M       +4 B  edited.txt  content, times",
    "D       −5 B  gone.txt",
    "R             old-name.txt → new-name.txt",
    "M             run.sh  mode",
    "T       −7 B  swapped  file → symlink",
    "",
    "1 added, 2 modified, 1 removed, 1 renamed, 1 type changed",
    "",
  ]);
});

test("diff --all also tells directories that changed their times alone", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["diff", "first", "second", "--all", "--store", store]);
  const [root, docs] = stdout.split("\n").filter((line) => line.endsWith("/  times"));
  expect([root, docs]).toEqual(["M             ./  times", "M             docs/  times"]);
});

test("diff --json gives all changes with the entries before and after", async () => {
  const { store } = await storeWithSnapshots();
  const { before, after, changes } = await coppiceJson([
    "diff",
    "first",
    "second",
    "--store",
    store,
  ]);
  expect([before.name, after.name]).toEqual(["first", "second"]);
  const at = (path: string) => changes.find((each) => each.path === path);
  expect(at("")).toMatchObject({ change: "modified", aspects: ["times"] });
  expect(at("docs/added.md")).toMatchObject({ change: "added", after: { sizeBytes: 8 } });
  expect(at("docs/added.md")).not.toHaveProperty("before");
  expect(at("gone.txt")).toMatchObject({ change: "removed", before: { kind: "file" } });
  expect(at("run.sh")).toMatchObject({
    change: "modified",
    aspects: ["mode"],
    before: { mode: "0644" },
    after: { mode: "0755" },
  });
  expect(at("new-name.txt")).toMatchObject({ change: "renamed", from: "old-name.txt" });
  expect(at("swapped")).toMatchObject({ change: "type-changed", after: { target: "edited.txt" } });
});

test("diff --exit-code exits with 3 only when there are differences", async () => {
  const { store } = await storeWithSnapshots();
  const exitCode = async (...args: string[]) =>
    (await coppice(["diff", ...args, "--store", store], { allowFailure: true })).exitCode;
  expect(await exitCode("first", "second", "--exit-code")).toBe(3);
  expect(await exitCode("first", "second")).toBe(0);
  expect(await exitCode("second", "second", "--exit-code")).toBe(0);
  expect((await coppice(["diff", "second", "second", "--store", store])).stdout).toBe("");
});
