import { chmodSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import { Store } from "#dist/index.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { coppice, coppiceJson, type JsonDocument } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

/** Returns the check of a store with this name, and the exit code. */
async function diagnose(store: string, name: string) {
  const { exitCode, stdout } = await coppice(["doctor", "--store", store, "--json"], {
    allowFailure: true,
  });
  const { store: checks } = JSON.parse(stdout) as JsonDocument;
  return { exitCode, ...checks.find((each) => each.name === name) };
}

test("doctor looks at the machine, and at a store where one is given", async () => {
  const { store } = await storeWithSnapshots();
  const alone = await coppiceJson(["doctor"]);
  expect(alone).toMatchObject({ ok: true, store: null });
  expect(alone.machine.map((each) => each.name)).toEqual([
    "Node.js",
    "SQLite",
    "koffi",
    "/proc",
    "user",
  ]);
  const both = await coppiceJson(["doctor", "--store", store]);
  expect(both.store.map((each) => [each.name, each.status])).toEqual([
    ["format", "ok"],
    ["owner", "ok"],
    ["permissions", "ok"],
    ["space", expect.stringMatching(/^(ok|warning)$/)],
    ["catalog", "ok"],
    ["ledger", "ok"],
    ["losses", "ok"],
    ["unfinished", "ok"],
  ]);
  const { stdout } = await coppice(["doctor", "--store", store]);
  expect(stdout).toContain(`Store ${store}`);
  expect(stdout).toMatch(/✔ {2}Node\.js +v\d+/);
});

test("doctor warns of a store that others may read", async () => {
  const { store } = await storeWithSnapshots();
  chmodSync(join(store, "catalog.sqlite"), 0o644);
  expect(await diagnose(store, "permissions")).toMatchObject({
    exitCode: 0,
    status: "warning",
    message: expect.stringContaining("catalog.sqlite (-rw-r--r--)"),
    remedy: `chmod -R go= ${store}`,
  });
});

test("doctor fails where there is no store, or one of a newer format", async () => {
  const { store } = await storeWithSnapshots();
  expect(await diagnose(scratchDirectory(), "format")).toMatchObject({
    exitCode: 1,
    status: "failed",
  });
  const database = openSqlite(join(store, "catalog.sqlite"));
  database.pragma("user_version = 999");
  database.close();
  expect(await diagnose(store, "format")).toMatchObject({
    exitCode: 1,
    status: "failed",
    message: expect.stringContaining("version 999"),
  });
});

test("doctor tells of a damaged pack once a capture has met it", async () => {
  const { store, source } = await storeWithSnapshots();
  const packs = join(store, "packs");
  const [pack] = readdirSync(packs);
  truncateSync(join(packs, pack!), 70);
  const { stderr } = await coppice(["snapshot", source, "--store", store]);
  expect(stderr).toContain(`pack ${pack!.slice(0, 16)} is damaged`);
  expect(await diagnose(store, "losses")).toMatchObject({
    exitCode: 1,
    status: "failed",
    message: expect.stringContaining(pack!.slice(0, 16)),
  });
});

test("what a power cut took is told by the next capture, by doctor and by the library", async () => {
  const { store, source } = await storeWithSnapshots();
  writeFileSync(join(source, "new"), "new");
  const relaxed = ["snapshot", source, "--store", store, "--durability", "relaxed"];
  const { snapshot: lost } = await coppiceJson([...relaxed, "--name", "lost"]);
  // As if the machine had been started anew, and what was not synced had never reached the disk.
  const database = openSqlite(join(store, "catalog.sqlite"));
  const [pack] = database.prepare("SELECT name, synced FROM pack WHERE synced < length").all() as {
    name: string;
    synced: number;
  }[];
  database.exec("UPDATE pack SET boot = 'another'");
  database.close();
  truncateSync(join(store, "packs", `${pack!.name}.pack`), pack!.synced);

  // Who only reads changes nothing.
  expect((await coppiceJson(["log", "--store", store])).snapshots).toHaveLength(3);
  expect(await diagnose(store, "losses")).toMatchObject({ status: "ok" });
  const { stderr } = await coppice(["snapshot", source, "--store", store, "--name", "lost"]);
  expect(stderr).toContain(`${lost.id} is lost`);
  expect(await diagnose(store, "losses")).toMatchObject({
    exitCode: 0,
    status: "warning",
    message: expect.stringContaining(lost.id),
  });
  const handle = await Store.open(store);
  try {
    expect(handle.powerLoss).toEqual({
      foundAt: expect.any(Date),
      snapshots: [{ id: lost.id, name: "lost", source, createdAt: new Date(lost.createdAt) }],
    });
    const names = (await handle.snapshots()).map(({ name }) => name);
    expect(names).toEqual(["lost", "second", "first"]);
  } finally {
    await handle.close();
  }
});

test("doctor tells of an erasure that was cut short, and of packs that a repair is to look at", async () => {
  const { store } = await storeWithSnapshots();
  expect(await diagnose(store, "unfinished")).toMatchObject({ exitCode: 0, status: "ok" });
  const engine = openEngine(store, false);
  const pack = engine.catalog.acquirePack();
  engine.catalog.losses.seal(pack, () => true);
  closeEngine(engine);
  expect(await diagnose(store, "unfinished")).toMatchObject({
    exitCode: 0,
    status: "warning",
    message: expect.stringContaining(pack.name),
    remedy: expect.stringContaining("coppice repair"),
  });
  const erasing = openEngine(store, false);
  erasing.catalog.collection.beginErasing();
  closeEngine(erasing);
  expect(await diagnose(store, "unfinished")).toMatchObject({
    exitCode: 0,
    status: "warning",
    message: expect.stringContaining("erasure"),
  });
});

for (const [check, file] of [
  ["catalog", "catalog.sqlite"],
  ["ledger", "ledger/ledger.sqlite"],
] as const) {
  test(`doctor finds a damaged ${check}`, async () => {
    const { store } = await storeWithSnapshots();
    await coppice(["agents", "limits", "--max-versions", "9", "--store", store]);
    expect(await diagnose(store, check)).toMatchObject({ exitCode: 0, status: "ok" });
    // The first page holds the schema and stays whole: the damage is in the tables.
    const damage = ["if=/dev/urandom", "bs=4096", "seek=1", "count=8", "conv=notrunc"];
    await run("dd", [`of=${join(store, file)}`, ...damage]);
    expect(await diagnose(store, check)).toMatchObject({ exitCode: 1, status: "failed" });
  });
}
