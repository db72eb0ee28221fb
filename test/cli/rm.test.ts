import { expect, test } from "vitest";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

async function namesIn(store: string): Promise<(string | null)[]> {
  const { snapshots } = await coppiceJson(["log", "--store", store]);
  return snapshots.map((each) => each.name);
}

test("rm refuses a snapshot that is a parent and names its children", async () => {
  const { store } = await storeWithSnapshots();
  const second = (await coppiceJson(["log", "--store", store])).snapshots[0]!;
  const { exitCode, stdout, error } = await coppiceError(["rm", "first", "--store", store]);
  expect([exitCode, error.code]).toEqual([1, "IN_USE"]);
  expect(error.message).toContain(second.id);
  expect(JSON.parse(stdout)).toEqual({ removed: [] });
  expect(await namesIn(store)).toEqual(["second", "first"]);
});

test("rm --reparent hands the children on", async () => {
  const { store } = await storeWithSnapshots();
  const { removed } = await coppiceJson(["rm", "first", "--reparent", "--store", store]);
  expect(removed).toMatchObject([{ name: "first" }]);
  const { snapshots } = await coppiceJson(["log", "--store", store]);
  expect(snapshots).toMatchObject([{ name: "second", parent: null }]);
});

test("rm removes parents and children in one go, whatever their order", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["rm", "first", "second", "first", "--store", store]);
  expect(stdout).toMatch(/^Removed [0-9a-z]{16} second\nRemoved [0-9a-z]{16} first\n$/);
  expect(await namesIn(store)).toEqual([]);
});

test("rm removes nothing when one of its arguments is not found", async () => {
  const { store } = await storeWithSnapshots();
  const { exitCode, error } = await coppiceError(["rm", "second", "thrid", "--store", store]);
  expect([exitCode, error.code]).toEqual([1, "NOT_FOUND"]);
  expect(await namesIn(store)).toEqual(["second", "first"]);
});
