/** Pins, policies and erasure on the command line. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

/** What a command prints as JSON; of these commands the members are told by the tests. */
async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  return (await coppiceJson(args)) as unknown as Record<string, unknown>;
}

test("what is pinned is refused removal, and the log says so", async () => {
  const { store } = await storeWithSnapshots();
  const { stdout } = await coppice(["pin", "second", "second", "--note", "kept", "--store", store]);
  expect(stdout).toMatch(/^Pinned [0-9a-z]{16} second\n$/);
  expect((await coppice(["log", "--store", store])).stdout).toMatch(/second .*pinned: kept\n/);
  const { snapshots } = await json(["log", "--store", store]);
  expect(snapshots).toMatchObject([{ name: "second", pin: { note: "kept" } }, { name: "first" }]);
  expect((snapshots as object[])[1]).not.toHaveProperty("pin");
  const refused = await coppiceError(["rm", "second", "--store", store]);
  expect([refused.exitCode, refused.error.code]).toEqual([1, "IN_USE"]);
  for (const args of [
    ["unpin", "second", "first", "--dry-run"],
    ["unpin", "second", "first"],
  ])
    expect(await json([...args, "--store", store])).toMatchObject({
      unpinned: [{ name: "second" }],
    });
  expect(await json(["unpin", "second", "--store", store])).toMatchObject({ unpinned: [] });
  expect(await json(["pin", "second", "--dry-run", "--store", store])).toMatchObject({
    pinned: [{ name: "second" }],
  });
  await coppice(["rm", "second", "--store", store]);
});

test("prune tells of each snapshot what becomes of it and why", async () => {
  const { store } = await storeWithSnapshots();
  const planned = await coppice(["prune", "--keep-last", "1", "--dry-run", "--store", store]);
  expect(planned.stdout).toMatch(/^keep .*second .*among the last 1 of its directory/m);
  expect(planned.stdout).toMatch(/^would go .*first .*nothing keeps it/m);
  expect(planned.stdout).toContain("1 snapshot would go, 1 would stay");
  const done = await json(["prune", "--keep-last", "1", "--store", store]);
  expect(done).toMatchObject({
    dryRun: false,
    policy: { keepLast: 1 },
    snapshots: [
      { name: "second", stays: true, reason: "keepLast" },
      { name: "first", stays: false, reason: "unkept" },
    ],
  });
  expect((await coppiceJson(["log", "--store", store])).snapshots).toHaveLength(1);
});

test("prune goes by the store's policy unless told", async () => {
  const { store } = await storeWithSnapshots();
  const none = await coppiceError(["prune", "--store", store]);
  expect([none.exitCode, none.error.code]).toEqual([1, "INVALID_ARGUMENT"]);
  const args = ["retention", "--keep-within", "1d12h", "--max-bytes", "20GB", "--store", store];
  expect(await json([...args, "--dry-run"])).toEqual({
    policy: { keepWithin: 129_600_000, maxBytes: 20e9 },
  });
  expect(await json(["retention", "--store", store])).toEqual({ policy: {} });
  expect((await coppice(args)).stdout).toBe("--keep-within 36h\n--max-bytes 20.0GB\n");
  expect((await json(["prune", "--store", store])).pruned).toEqual([]);
  expect((await coppice(["retention", "--none", "--store", store])).stdout).toBe(
    "There is no policy\n",
  );
});

test("durations and sizes that are none are not understood", async () => {
  const { store } = await storeWithSnapshots();
  for (const [option, value] of [
    ["--ttl", "3 days"],
    ["--keep-within", "1m"],
    ["--max-bytes", "20 G"],
    ["--keep-last", "0"],
  ] as const) {
    const { exitCode, error } = await coppiceError(["prune", option, value, "--store", store]);
    expect([exitCode, error.code]).toEqual([2, "USAGE"]);
  }
});

test("a snapshot that others made room for says which", async () => {
  const { store, source } = await storeWithSnapshots();
  await coppice(["retention", "--max-bytes", "1", "--store", store]);
  const { stderr } = await coppice(["snapshot", source, "--store", store]);
  expect(stderr).toMatch(/2 snapshots removed to make room: [0-9a-z]{16}, [0-9a-z]{16}\n/);
  expect(stderr).toMatch(/holds \d+ bytes where 1 are allowed/);
});

test("erase wants to be sure, tells what would go, and what went", async () => {
  const { store } = await storeWithSnapshots();
  const unsure = await coppiceError(["erase", "gone.txt", "--store", store]);
  expect([unsure.exitCode, unsure.error.code]).toEqual([2, "USAGE"]);
  const planned = await coppice(["erase", "gone.txt", "nowhere", "--dry-run", "--store", store]);
  expect(planned.stdout).toMatch(
    /^[0-9a-z]{16} first\n {2}- gone\.txt\nno snapshot has nowhere\n5 B would be erased from 1 snapshot\n/,
  );
  expect((await coppice(["cat", "first", "gone.txt", "--store", store])).stdout).toBe("gone\n");
  const done = await json(["erase", "gone.txt", "--yes", "--store", store]);
  expect(done).toMatchObject({ snapshots: [{ name: "first" }], remaining: [], bytesErased: 5 });
  const { error } = await coppiceError(["cat", "first", "gone.txt", "--store", store]);
  expect(error.code).toBe("NOT_FOUND");
});

test("erase takes digests as sha256sum tells them", async () => {
  const { store } = await storeWithSnapshots();
  const digest = createHash("sha256").update("moved as it is\n").digest("hex");
  const done = await json(["erase", "--digest", digest, "--yes", "--store", store]);
  expect(done).toMatchObject({
    snapshots: [
      { name: "second", paths: { paths: [{ path: "new-name.txt" }] } },
      { name: "first", paths: { paths: [{ path: "old-name.txt" }] } },
    ],
  });
});

test("snapshot --exclude-secrets leaves out credentials and says so", async () => {
  const { store, source } = await storeWithSnapshots();
  writeFileSync(join(source, ".env"), "PASSWORD=1");
  const { stderr } = await coppice([
    "snapshot",
    source,
    "--exclude-secrets",
    "--store",
    store,
    "-n",
    "s",
  ]);
  expect(stderr).toMatch(/1 name was left out since it may hold a secret: \.env \(/);
  const { error } = await coppiceError(["cat", "s", ".env", "--store", store]);
  expect(error.code).toBe("NOT_FOUND");
});
