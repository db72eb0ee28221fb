import { expect, test } from "vitest";
import { coppice, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("stats tells what the store holds and what it costs", async () => {
  const { store } = await storeWithSnapshots();
  const found = await coppiceJson(["stats", "--store", store]);
  const { snapshots } = await coppiceJson(["log", "--store", store]);
  const logicalBytes = snapshots.reduce((sum, each) => sum + each.totalBytes, 0);
  expect(found).toMatchObject({ store, snapshots: 2, logicalBytes, packs: 1 });
  expect(Object.keys(found.byKind)).toEqual(["data", "list", "tree", "root", "record"]);
  expect(found.byKind.record.count).toBe(2);
  expect(found.diskBytes).toBeGreaterThan(found.storedBytes);

  const { stdout } = await coppice(["stats", "--store", store]);
  expect(stdout).toContain(store);
  expect(stdout).toMatch(/^file content +\d+ +\d+ B/m);
});
