import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("log lists the newest first and filters", async () => {
  const { source, store } = await storeWithSnapshots();
  const names = async (...args: string[]): Promise<(string | null)[]> => {
    const { snapshots } = await coppiceJson(["log", "--store", store, ...args]);
    return snapshots.map((each) => each.name);
  };
  const { snapshots } = await coppiceJson(["log", "--store", store]);
  const [second, first] = [snapshots[0]!, snapshots[1]!];
  expect([second.name, first.name]).toEqual(["second", "first"]);
  expect(second.parent).toBe(first.id);
  expect(await names("--limit", "1")).toEqual(["second"]);
  expect(await names("--name", "f*")).toEqual(["first"]);
  expect(await names("--label", "step=1")).toEqual(["first"]);
  expect(await names("--parent", "first")).toEqual(["second"]);
  expect(await names("--digest", first.digest)).toEqual(["first"]);
  expect(await names("--source", source)).toEqual(["second", "first"]);
  expect(await names("--source", "/nowhere")).toEqual([]);
});

test("log prints a table outside a terminal too, without colours", async () => {
  const { source, store } = await storeWithSnapshots();
  const { stdout } = await coppice(["log", "--store", store]);
  const [head = "", second = "", first = ""] = stdout.split("\n");
  expect(head).toMatch(/^ID +CREATED +ENTRIES +SIZE +NAME +SOURCE$/);
  expect(first).toMatch(/^[0-9a-z]{16} {2}\d{4}-\d\d-\d\d \d\d:\d\d +7 +\d+ B {2}first +\//);
  expect(second.endsWith(`${source}  step=2`)).toBe(true);
  const ids = (await coppice(["log", "--store", store, "--quiet"])).stdout.trim().split("\n");
  expect(ids).toEqual([second.slice(0, 16), first.slice(0, 16)]);
});

test("a prefix that several snapshots share is ambiguous, and the error names them", async () => {
  const { source, store } = await storeWithSnapshots();
  const handle = await Store.open(store);
  const ids: string[] = [];
  // Ids are random: with 33 of them, two of the 32 first letters are the same.
  while (!ids.some((id) => ids.some((other) => other !== id && other[0] === id[0]))) {
    ids.push((await handle.snapshot(source, { durability: "relaxed" })).snapshot.id);
  }
  const shared = ids.find((id) => ids.some((other) => other !== id && other[0] === id[0])) ?? "";
  const prefix = shared.slice(0, 1);
  const { exitCode, error } = await coppiceError(["ls", prefix, "--store", store]);
  expect([exitCode, error.code]).toEqual([1, "AMBIGUOUS"]);
  // Digests are references too.
  const named = error.message.match(/[0-9a-z]{16}/g) ?? [];
  expect(named.length).toBeGreaterThan(1);
  for (const id of named) {
    const { digest } = await handle.get(id);
    expect([id[0], digest.slice("sha256:".length)[0]]).toContain(prefix);
  }
  await handle.close();
  await coppice(["ls", shared.slice(0, 15), "--store", store]);
});
