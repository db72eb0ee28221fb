/** Packs that are cut short, gone or another's: they are named, and nothing else is lost. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { Store } from "#dist/store.js";
import { editedDirectory } from "./edited-directory.js";
import { attemptRead, smallStore } from "./small-store.js";

test("a pack cut short at any length is told by the chunk that is missing, or no chunk is", async () => {
  const small = await smallStore();
  const pack = small.packs[0]!;
  const whole = readFileSync(pack);
  const outcomes = new Set<string>();
  for (let length = 0; length < whole.length; length += length < 64 ? 16 : 97) {
    writeFileSync(pack, whole.subarray(0, length));
    const store = await Store.open(small.directory);
    const outcome = await attemptRead(store, small);
    await store.close();
    outcomes.add(outcome === "harmless" ? outcome : outcome.code);
    if (outcome !== "harmless") expect(outcome.path).toMatch(/^packs\/[0-9a-f]{16}\.pack$/);
  }
  // The last bytes are the index record, which reading does without.
  expect([...outcomes]).toEqual(["CORRUPT", "harmless"]);
});

test("a pack that is gone is named, and what lies in other packs is still read", async () => {
  const { store, a, b, scratch } = await twoPacks();
  await store.close();
  renameSync(b.pack, `${b.pack}.away`);
  const damaged = await open(scratch);
  await expect((await damaged.get(b.snapshot.id)).readFile("b")).rejects.toMatchObject({
    code: "CORRUPT",
    message: expect.stringContaining(`Cannot open pack ${nameOf(b.pack)}`),
  });
  expect((await (await damaged.get(a.snapshot.id)).readFile("a")).toString()).toBe(
    "content of a\n",
  );
  renameSync(`${b.pack}.away`, b.pack);
  expect((await (await damaged.get(b.snapshot.id)).readFile("b")).toString()).toBe(
    "content of b\n",
  );
});

test("two packs under each other's names are told apart, and neither is written to", async () => {
  const { store, a, b, scratch, directory } = await twoPacks();
  await store.close();
  renameSync(a.pack, `${a.pack}.away`);
  renameSync(b.pack, a.pack);
  renameSync(`${a.pack}.away`, b.pack);
  const damaged = await open(scratch);
  for (const { snapshot, pack } of [a, b]) {
    await expect((await damaged.get(snapshot.id)).readFile("a")).rejects.toMatchObject({
      code: "CORRUPT",
      message: expect.stringContaining(`pack ${nameOf(pack)}: it is another pack under this name`),
    });
  }
  // A capture cuts off what lies behind a pack's committed length: not of a pack that is another one.
  const bytes = [a.pack, b.pack].map((pack) => readFileSync(pack));
  const { report } = await damaged.snapshot(directory);
  expect(report.limits.filter((limit) => limit.includes("it is another pack"))).toHaveLength(2);
  expect([a.pack, b.pack].map((pack) => readFileSync(pack))).toEqual(bytes);
  await damaged.close();
  renameSync(a.pack, `${a.pack}.away`);
  renameSync(b.pack, a.pack);
  renameSync(`${a.pack}.away`, b.pack);
  const repaired = await open(scratch);
  for (const [{ snapshot }, name] of [
    [a, "a"],
    [b, "b"],
  ] as const) {
    const bytes = await (await repaired.get(snapshot.id)).readFile(name);
    expect(bytes.toString()).toBe(`content of ${name}\n`);
  }
});

test("a pack of another store under the right name is refused", async () => {
  const small = await smallStore();
  const other = await smallStore();
  rmSync(small.packs[0]!);
  renameSync(other.packs[0]!, small.packs[0]!);
  const store = await Store.open(small.directory);
  onTestFinished(() => store.close());
  expect(await attemptRead(store, small)).toMatchObject({ code: "CORRUPT" });
});

test("a restore that meets damage leaves whole files only", async () => {
  const { scratch, store, snapshot } = await editedDirectory(
    "mkdir d; for f in 1 2 3 4; do echo $f >d/$f; done; echo damaged >d/damaged; seq 30000 >large",
  );
  const taken = await snapshot();
  await store.close();
  const packs = join(scratch, "store", "packs");
  const pack = join(packs, readdirSync(packs)[0]!);
  for (const [name, text] of [
    ["d/damaged", "damaged\n"],
    ["large", "\n29999\n"],
  ] as const) {
    const bytes = readFileSync(pack);
    const damaged = Buffer.from(bytes);
    damaged[damaged.indexOf(text)]! ^= 1;
    writeFileSync(pack, damaged);
    const again = await open(scratch);
    const target = join(scratch, `target of ${name.replace("/", " ")}`);
    await expect(again.restore(taken.id, target)).rejects.toMatchObject({ code: "CORRUPT" });
    const left = readdirSync(target, { recursive: true, encoding: "utf8" });
    expect(left).not.toContain(name);
    for (const each of left.filter((each) => /\d$/.test(each))) {
      expect(readFileSync(join(target, each), "utf8")).toBe(`${each.at(-1)}\n`);
    }
    // With the bytes back, restoring again goes on from there.
    writeFileSync(pack, bytes);
    await again.restore(taken.id, target);
    expect((await again.snapshot(target)).snapshot.digest).toBe(taken.digest);
  }
});

test("a capture goes on in another pack where one is damaged, and stores again what that one lacks", async () => {
  for (const damage of [
    (pack: string) => rmSync(pack),
    (pack: string) => truncateSync(pack, 100),
    (pack: string) => writeFileSync(pack, Buffer.from(readFileSync(pack)).fill(7, 0, 8)),
  ]) {
    for (const durability of ["full", "relaxed"] as const) {
      const small = await smallStore();
      const pack = small.packs[0]!;
      const whole = readFileSync(pack);
      damage(pack);
      const left = existsSync(pack) ? readFileSync(pack) : undefined;
      const store = await Store.open(small.directory);
      onTestFinished(() => store.close());
      writeFileSync(join(small.source, "new"), "new content");
      // Nothing of it is trusted any more: what the stat cache said of unchanged files neither.
      for (const round of ["first", "second"]) {
        const { snapshot, report } = await store.snapshot(small.source, { durability });
        expect(report.limits).toContainEqual(
          expect.stringContaining(`pack ${nameOf(pack)} is damaged`),
        );
        expect(report.durability).toBe("full");
        if (round === "second") expect(report.bytesNew).toBeLessThan(1000);
        const target = join(small.directory, "..", `restored-${round}-${snapshot.id}`);
        await store.restore(snapshot, target);
        expect((await store.snapshot(target)).snapshot.digest).toBe(snapshot.digest);
      }
      expect(existsSync(pack) ? readFileSync(pack) : undefined).toEqual(left);
      // Put back from a copy, it is a pack like any other.
      writeFileSync(pack, whole);
      const { report } = await store.snapshot(small.source);
      expect(report.limits.filter((limit) => limit.includes("damaged"))).toEqual([]);
      for (const snapshot of await store.snapshots()) {
        for await (const { kind, pathBytes } of snapshot.walk())
          if (kind === "file") await snapshot.readFile(pathBytes);
      }
    }
  }
});

async function open(scratch: string): Promise<Store> {
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  return store;
}

interface Packed {
  readonly snapshot: Snapshot;
  readonly pack: string;
}

interface TwoPacks {
  readonly scratch: string;
  readonly directory: string;
  readonly store: Store;
  readonly a: Packed;
  readonly b: Packed;
}

/** Returns a store with two snapshots, each in a pack of its own. */
async function twoPacks(): Promise<TwoPacks> {
  const { scratch, directory, store } = await editedDirectory(
    "mkdir a b; echo content of a >a/a; echo content of b >b/b",
  );
  const other = await open(scratch);
  const packs = join(scratch, "store", "packs");
  // Shortly before its commit a capture owns the pack that it wrote to: another handle begins a new one.
  let second: Promise<{ snapshot: Snapshot }> | undefined;
  const { snapshot: a } = await store.snapshot(join(directory, "a"), {
    onProgress: ({ phase }) => {
      if (phase === "commit") second = other.snapshot(join(directory, "b"));
    },
  });
  const { snapshot: b } = (await second)!;
  const packOf = (text: string): string =>
    readdirSync(packs)
      .map((name) => join(packs, name))
      .find((pack) => readFileSync(pack).includes(text))!;
  const found = { a: packOf("content of a"), b: packOf("content of b") };
  expect(found.a).not.toBe(found.b);
  return {
    ...{ scratch, directory, store },
    a: { snapshot: a, pack: found.a },
    b: { snapshot: b, pack: found.b },
  };
}

function nameOf(pack: string): string {
  return /([0-9a-f]{16})\.pack$/.exec(pack)![1]!;
}
