/** Several processes on one store, and processes that are killed in the middle of a capture. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import type { CaptureReport } from "#dist/model/capture-report.js";
import { Store } from "#dist/store.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { runChild, startChild } from "./child.js";
import { editedDirectory } from "./edited-directory.js";
import { lines, listTree } from "./listing.js";

const files = "for d in {1..12}; do mkdir $d; for f in {1..60}; do echo $d $f >$d/$f; done; done";

testIf("koffi", "three processes capture and restore on one store at the same time", async () => {
  const { scratch, store, directory, edit, snapshot } = await editedDirectory(files);
  await edit("cp -a . ../other; rm -r ../other/{1..6}");
  const rounds = 8;
  const children = ["directory", "other"].map((name) => {
    const restored = join(scratch, `restored-${name}`);
    mkdirSync(restored);
    const options = JSON.stringify({ durability: "relaxed", labels: { by: name } });
    return startChild("capture", [
      join(scratch, "store"),
      join(scratch, name),
      options,
      String(rounds),
      restored,
    ]);
  });
  const digests: string[] = [];
  for (let round = 0; round < rounds; round++) {
    digests.push((await snapshot({ labels: { by: "parent" } })).digest);
    const target = join(scratch, `restored-${round}`);
    await store.restore(digests[round]!, target);
    expect(lines(listTree(target))).toEqual(lines(listTree(directory)));
  }
  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0]);
  expect(new Set(digests).size).toBe(1);
  for (const [name, source] of [
    ["directory", directory],
    ["other", join(scratch, "other")],
  ] as const) {
    const found = await store.snapshots({ labels: { by: name } });
    // Each round captured the directory and what was restored of it.
    expect(found).toHaveLength(2 * rounds);
    const { snapshot: now } = await store.snapshot(source);
    expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set([now.digest]));
  }
  // Each was stored once, whoever came first; a process that is through owns nothing.
  const { byKind } = await store.stats();
  expect(byKind.data.count).toBe(12 * 60);
  expect(ownersOf(join(scratch, "store"))).toEqual([]);
});

test("what one handle commits is there for another of the same process, and for other processes", async () => {
  const { scratch, store, directory, snapshot, edit } = await editedDirectory("echo 1 >f");
  const storeDirectory = join(scratch, "store");
  const second = await Store.open(storeDirectory);
  const ids = [(await snapshot()).id];
  for (let round = 0; round < 3; round++) {
    await edit(`echo ${round} >f`);
    // It opens and closes the store while this process has it open twice.
    const child = await runChild("capture", [storeDirectory, directory, "{}"]);
    ids.push((JSON.parse(child.stdout) as { id: string }).id);
    ids.push((await second.snapshot(directory)).snapshot.id, (await snapshot()).id);
  }
  await second.close();
  ids.push((await snapshot()).id);
  await store.close();
  const again = await Store.open(storeDirectory);
  onTestFinished(() => again.close());
  expect((await again.snapshots()).map(({ id }) => id).reverse()).toEqual(ids);
});

testIf(
  "koffi",
  "a process killed at any step of a capture takes nothing that was acknowledged with it",
  async () => {
    const scratch = scratchDirectory();
    const directory = join(scratch, "directory");
    const storeDirectory = join(scratch, "store");
    mkdirSync(directory);
    const edit = (script: string) => run("bash", ["-euc", script], { cwd: directory });
    await edit(files);
    let acknowledged: string[] = [];
    let packCount = 0;
    const workers = new Set<number>();
    // A capture here takes some fifteen steps; the last one is its commit. The kill comes a little later.
    for (const [round, steps] of [1, 4, 9, 13, 15, 16, 17, 24, 31, 32, 60].entries()) {
      // The hole costs nothing to read, but makes the directory one that threads are started for.
      await edit(
        `head -c 8000000 /dev/urandom >large; echo ${round} >round; truncate -s 4${round}M hole`,
      );
      const options = JSON.stringify({ workers: round % 3 });
      const child = startChild("capture", [storeDirectory, directory, options, "100"]);
      const printed: string[] = [];
      // In the last three rounds, one for each number of workers, it has come to the end of one as well.
      const mustCommit = round >= 8;
      while (
        printed.length < steps ||
        (mustCommit && !printed.some((line) => line.startsWith("{")))
      ) {
        const line = await child.line();
        if (line === undefined) throw new Error(`The child ended early: ${printed.join()}`);
        printed.push(line);
      }
      await child.kill();
      for (let line = await child.line(); line !== undefined; line = await child.line()) {
        printed.push(line);
      }
      const captured = printed
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { id: string; report: CaptureReport });
      acknowledged.push(...captured.map(({ id }) => id));
      for (const { report } of captured) workers.add(report.workers);

      const store = await Store.open(storeDirectory);
      const found = (await store.snapshots()).map(({ id }) => id);
      expect(found).toEqual(expect.arrayContaining(acknowledged));
      for (const id of found.slice(0, 1)) {
        const target = join(scratch, `restored-${round}-${id}`);
        await store.restore(id, target);
        const { digest } = await store.get(id);
        expect((await store.snapshot(target, { workers: 0 })).snapshot.digest).toBe(digest);
        await run("rm", ["-rf", target]);
      }
      // What it owned is given back by whoever writes next.
      await store.snapshot(directory, { workers: 0 });
      acknowledged = (await store.snapshots()).map(({ id }) => id);
      await store.close();
      packCount = openPacksOf(storeDirectory);
      expect(ownersOf(storeDirectory)).toEqual([]);
      expect(readdirSync(join(storeDirectory, "sessions"))).toEqual([]);
    }
    console.log(`Killed 11 times: ${acknowledged.length} snapshots, ${packCount} packs`);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect([...workers].sort()).toEqual([0, 1, 2]);
    // What it owned was given back: packs do not become more and more. But nobody cuts off what ends with an index record: it could
    // be somebody's snapshots.
    expect(packCount).toBeLessThanOrEqual(4);
  },
);

test("a process that is killed in a capture leaves no session behind", async () => {
  const { scratch, store, directory } = await editedDirectory("echo 1 >f");
  const storeDirectory = join(scratch, "store");
  await store.close();
  const child = startChild("capture", [storeDirectory, directory, "{}", "1000000"]);
  expect(await child.line()).toBe("scan");
  expect(readdirSync(join(storeDirectory, "sessions"))).toHaveLength(1);
  await child.kill();
  const cache = join(storeDirectory, "cache");
  const left = ["0".repeat(32), ".stat.", "0".repeat(16), ".tmp"].join("");
  for (const name of [left, "another.tmp"]) writeFileSync(join(cache, name), "");
  const stray = join(storeDirectory, "sessions", "0123456789abcdef.lock");
  writeFileSync(stray, "");
  const again = await Store.open(storeDirectory);
  // Who only reads leaves everything as it is.
  await again.snapshots();
  expect(readdirSync(join(storeDirectory, "sessions"))).toHaveLength(2);
  await again.snapshot(directory);
  expect(readdirSync(join(storeDirectory, "sessions"))).toHaveLength(1);
  expect(readdirSync(cache).filter((name) => name.endsWith(".tmp"))).toEqual(["another.tmp"]);
  await again.close();
  expect(readdirSync(join(storeDirectory, "sessions"))).toEqual([]);
});

/** Returns the sessions that own a pack. */
/** How many packs are appended to. */
function openPacksOf(storeDirectory: string): number {
  const database = openSqlite(join(storeDirectory, "catalog.sqlite"), { readonly: true });
  const count = database.prepare("SELECT count(*) FROM pack WHERE sealed = 0").pluck().get();
  database.close();
  return Number(count);
}

function ownersOf(storeDirectory: string): unknown[] {
  const database = openSqlite(join(storeDirectory, "catalog.sqlite"), { readonly: true });
  const owners = database
    .prepare("SELECT session FROM pack WHERE session IS NOT NULL")
    .pluck()
    .all();
  database.close();
  return owners;
}
