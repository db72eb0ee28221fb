/** What holds for overlays whatever is in them: forks are apart, and a snapshot is what a capture of the same files is. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import { testIf } from "../tooling/test-if.js";
import { callsOf, fileCall } from "./call-arbitraries.js";
import { FileCalls } from "./children/file-calls.mjs";

async function openStore(): Promise<{ readonly store: Store; readonly scratch: string }> {
  const scratch = scratchDirectory();
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  return { store, scratch };
}

test("neither fork sees what is written to the other, through what was open before it either", async () => {
  const { store } = await openStore();
  const overlay = store.overlay();
  await overlay.mkdir("/a/b/c", { recursive: true });
  const path = "/a/b/c/file";
  await overlay.writeFile(path, Buffer.alloc(200_000, "."));
  const file = await overlay.open(path, "r+");
  await file.write("before", 70_000);

  const fork = overlay.fork();
  await file.write("parent", 70_000);
  await file.truncate(150_000);
  await overlay.appendFile(path, "end");
  const forked = await fork.readFile(path);
  expect(forked.subarray(70_000, 70_006).toString()).toBe("before");
  expect([forked.length, forked.includes("end")]).toEqual([200_000, false]);

  const inFork = await fork.open(path, "r+");
  await inFork.write("fork..", 70_000);
  const parent = await overlay.readFile(path);
  expect(parent.subarray(70_000, 70_006).toString()).toBe("parent");
  expect([parent.length, parent.subarray(-3).toString()]).toEqual([150_003, "end"]);

  await overlay.rm("/a", { recursive: true });
  await fork.rename("/a/b", "/moved");
  expect([await overlay.readdir("/"), await fork.readdir("/", { recursive: true })]).toEqual([
    [],
    ["a", "moved", "moved/c", "moved/c/file"],
  ]);
});

test("a thousand forks, each of the one before, hold what each of them was given", async () => {
  const { store } = await openStore();
  const overlays: Overlay[] = [store.overlay()];
  await overlays[0]!.mkdir("/d");
  for (let depth = 0; depth < 1_000; depth++) {
    const overlay = overlays[depth] as Overlay;
    await overlay.writeFile(`/d/${depth % 50}`, String(depth));
    await overlay.appendFile("/log", "x");
    overlays.push(overlay.fork());
  }
  for (let depth = 0; depth < 1_000; depth += 37) {
    const overlay = overlays[depth] as Overlay;
    expect((await overlay.readFile("/log")).length).toBe(depth + 1);
    expect(await overlay.readFile(`/d/${depth % 50}`, "utf8")).toBe(String(depth));
    expect((await overlay.readdir("/d")).length).toBe(Math.min(50, depth + 1));
  }
});

test("a snapshot restored to a directory and captured there has the same digest", async () => {
  const { store, scratch } = await openStore();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(callsOf(fileCall, 60), async (calls) => {
      const overlay = store.overlay();
      const made = new FileCalls(overlay);
      for (const call of calls) await made.call(call);
      await made.close();
      const { snapshot } = await overlay.snapshot({ durability: "relaxed" });
      const target = join(scratch, String(count++));
      mkdirSync(target);
      await store.restore(snapshot, target, { force: true, workers: 0 });
      const captured = await store.snapshot(target, { durability: "relaxed", workers: 0 });
      expect(captured.snapshot.digest).toBe(snapshot.digest);
    }),
    { numRuns: 60 },
  );
});

testIf(
  ["root", "devices", "acl", "xattr", "tools", "koffi"],
  "an overlay of the ugly tree that nothing is written to is unchanged, and one that is touched everywhere is the same",
  async () => {
    const { store, scratch } = await openStore();
    const source = join(scratch, "source");
    await makeUglyTree(source);
    const { snapshot } = await store.snapshot(source);
    const overlay = snapshot.overlay();
    const first = await overlay.snapshot();
    expect([first.isUnchanged, first.snapshot.id, first.filesRead]).toEqual([true, snapshot.id, 0]);

    // Each name is owned and noted as changed, and is what it was in the end.
    const touched = overlay.fork();
    const paths: Buffer[] = [Buffer.from("/")];
    for (const path of paths) {
      const stats = touched.sync.lstatSync(path, { bigint: true })!;
      const { mtimeNs } = stats as unknown as { mtimeNs: bigint };
      touched.sync.lchownSync(path, 7, 7);
      touched.sync.lchownSync(path, Number(stats.uid), Number(stats.gid));
      if (!stats.isSymbolicLink()) touched.sync.chmodSync(path, Number(stats.mode) & 0o7777);
      expect(
        (touched.sync.lstatSync(path, { bigint: true }) as unknown as { mtimeNs: bigint }).mtimeNs,
      ).toBe(mtimeNs);
      if (!stats.isDirectory()) continue;
      const slash = path.length === 1 ? "" : "/";
      for (const name of touched.sync.readdirSync(path, "buffer") as Buffer[])
        paths.push(Buffer.concat([path, Buffer.from(slash), name]));
    }
    const again = await touched.snapshot();
    expect([again.snapshot.digest, again.isUnchanged]).toEqual([snapshot.digest, true]);
  },
);

test("directories that renaming put 3,000 deep are captured, told as changed and removed", async () => {
  const { store } = await openStore();
  const overlay = store.overlay();
  const half = "/d".repeat(1_500);
  await overlay.mkdir(half, { recursive: true });
  await overlay.mkdir(`/top${half}`, { recursive: true });
  await overlay.rename("/d", `/top${half}/d`);
  const { snapshot } = await overlay.snapshot({ durability: "relaxed" });
  expect(snapshot.entryCount).toBe(3_001);
  const again = snapshot.overlay();
  await expect(
    again.cp("/top", "/copy", { recursive: true, filter: (path) => path.length < 20 }),
  ).resolves.toBeUndefined();
  await again.rm("/top", { recursive: true });
  let removed = 0;
  for await (const { change } of again.changes()) if (change === "removed") removed++;
  expect(removed).toBe(3_001);
  expect(await again.readdir("/")).toEqual(["copy"]);
});

/** Names of stored files, and what becomes of them; the shell does the same to the real ones. */
const changesOfLinks: readonly (readonly [
  what: string,
  change: (overlay: Overlay) => void,
  script: string,
])[] = [
  [
    "one name is written through",
    (o) => o.sync.appendFileSync("/a/x/1", "more"),
    "echo -n more >>a/x/1",
  ],
  ["one name is unlinked", (o) => o.sync.unlinkSync("/a/x/1"), "rm a/x/1"],
  [
    "all but one are removed",
    (o) => ["/a/x/1", "/b/2"].map((each) => o.sync.unlinkSync(each)),
    "rm a/x/1 b/2",
  ],
  [
    "all are removed",
    (o) => ["/a/x/1", "/b/2", "/3"].map((each) => o.sync.unlinkSync(each)),
    "rm a/x/1 b/2 3",
  ],
  [
    "a directory with some of them goes",
    (o) => o.sync.rmSync("/a", { recursive: true }),
    "rm -r a",
  ],
  ["a directory above them is renamed", (o) => o.sync.renameSync("/a", "/z"), "mv a z"],
  ["one is renamed over another one", (o) => o.sync.renameSync("/3", "/b/2"), "true"],
  [
    "something is renamed over one of them",
    (o) => o.sync.renameSync("/other", "/b/2"),
    "mv -f other b/2",
  ],
  [
    "one is moved into what was moved",
    (o) => {
      o.sync.renameSync("/b", "/a/b");
      o.sync.renameSync("/3", "/a/b/3");
    },
    "mv b a/b; mv 3 a/b/3",
  ],
  ["a name is added", (o) => o.sync.linkSync("/b/2", "/a/4"), "ln b/2 a/4"],
  [
    "a removed name is made anew",
    (o) => {
      o.sync.unlinkSync("/b/2");
      o.sync.writeFileSync("/b/2", "new");
    },
    "rm b/2; echo -n new >b/2",
  ],
  [
    "their directory is made anew",
    (o) => {
      o.sync.rmSync("/a", { recursive: true });
      o.sync.mkdirSync("/a/x", { recursive: true });
      o.sync.linkSync("/3", "/a/x/1");
    },
    "rm -r a; mkdir -p a/x; ln 3 a/x/1",
  ],
  [
    "another group is joined and left",
    (o) => {
      o.sync.linkSync("/p", "/a/p");
      o.sync.unlinkSync("/q");
    },
    "ln p a/p; rm q",
  ],
];

for (const [what, change, script] of changesOfLinks) {
  test(`hard links of the base are those of a real directory where ${what}`, async () => {
    const { store, scratch } = await openStore();
    const source = join(scratch, "source");
    mkdirSync(source);
    const bash = (lines: string) => run("bash", ["-euc", lines], { cwd: source });
    await bash(
      "mkdir -p a/x b; echo -n text >3; ln 3 a/x/1; ln 3 b/2; echo other >other; echo pq >p; ln p q",
    );
    const { snapshot } = await store.snapshot(source);
    const overlay = snapshot.overlay();
    const left = overlay.fork();
    change(overlay);
    await bash(script);
    const calls = new FileCalls(overlay);
    const mine = await overlay.snapshot();
    const real = await store.snapshot(source);
    expect(mine.snapshot.stateDigest).toBe(real.snapshot.stateDigest);
    await calls.call(["setTimes", 1_000]);
    await bash("find . -depth -exec touch -h -d @1000 {} +");
    expect((await overlay.snapshot()).snapshot.digest).toBe(
      (await store.snapshot(source)).snapshot.digest,
    );
    expect((await left.snapshot()).isUnchanged).toBe(true);
  });
}
