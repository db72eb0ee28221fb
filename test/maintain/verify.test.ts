/** Verification: what is damaged is told, with all that it is part of; what is only in motion is not. */
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import { closeEngine, openEngine } from "#dist/snapshot/engine.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { smallStore } from "../engine/small-store.js";
import { flip, flipText, packsOf } from "./damage-store.js";
import { inAnotherPack, open } from "./sound-store.js";

test("every flipped byte of a pack is found, with the chunk and the paths that it is part of", async () => {
  const small = await smallStore();
  const pack = small.packs[0]!;
  const { length } = readFileSync(pack);
  const store = await open(small.directory);
  const whole = await store.verify({ deep: true });
  expect(whole).toMatchObject({ ok: true, snapshots: 1, packs: 1, packsChecked: 1 });
  expect(whole.remarks).toEqual([]);
  const counts = { chunks: 0, structure: 0 };
  for (let at = 0; at < length; at++) {
    flip(pack, at);
    const { ok, damaged, affected, problems } = await store.verify();
    expect([at, ok]).toEqual([at, false]);
    if (damaged.count > 0) {
      counts.chunks++;
      // Each chunk of it is needed by its one snapshot.
      expect([at, affected.length]).toEqual([at, 1]);
    } else {
      counts.structure++;
      expect(problems.first[0]).toMatchObject({ pack: /([0-9a-f]{16})\.pack$/.exec(pack)![1] });
    }
    flip(pack, at);
  }
  console.log(`Flipped ${length} bytes: ${JSON.stringify(counts)}`);
  expect((await store.verify()).ok).toBe(true);
});

test("what is damaged is named with each snapshot and path that it touches", async () => {
  const { store, scratch, snapshot, edit } = await editedDirectory(
    "mkdir -p a/b c; echo shared content >a/b/one; cp a/b/one c/two; seq 20000 >large; echo other >other",
  );
  const first = await snapshot({ name: "first" });
  await edit("rm other; echo added content >c/later");
  const second = await snapshot();
  flipText(store.directory, "shared content");
  flipText(store.directory, "\n10000\n");
  flipText(store.directory, "added content");
  const { ok, affected, damaged, problems } = await store.verify();
  expect([ok, damaged.count, problems.count]).toEqual([false, 3, 0]);
  expect(damaged.first.map(({ problem, kind }) => [problem, kind])).toEqual(
    Array.from({ length: 3 }, () => ["checksum", "data"]),
  );
  expect(
    affected.map(({ id, name, paths }) => [id, name, paths.paths.map(({ path }) => path).sort()]),
  ).toEqual([
    [second.id, undefined, ["a/b/one", "c/later", "c/two", "large"]],
    [first.id, "first", ["a/b/one", "c/two", "large"]],
  ]);
  expect(JSON.parse(JSON.stringify(damaged))).toEqual(damaged);
  expect(scratch).toBeTruthy();
});

test("a damaged directory is named itself, and a damaged root as all of the snapshot", async () => {
  const { store, snapshot } = await editedDirectory("mkdir -p d/e; echo 1 >d/e/needle; echo 2 >g");
  const { id } = await snapshot({ durability: "full" });
  for (const [kind, path] of [
    [2, "d/e"],
    [3, ""],
  ] as const) {
    const rows = chunksOf(store.directory, kind);
    const row = kind === 3 ? rows[0]! : rows.find(({ bytes }) => bytes.includes("needle"))!;
    flip(row.pack, row.offset + row.bytes.length - 1);
    const { affected } = await store.verify();
    expect(affected).toMatchObject([{ id, paths: { count: 1, paths: [{ path }] } }]);
    flip(row.pack, row.offset + row.bytes.length - 1);
  }
  expect((await store.verify()).ok).toBe(true);
});

test("bytes that were changed together with their checksum are found by SHA-256 alone", async () => {
  const { store, snapshot } = await editedDirectory("echo content >f");
  await snapshot({ durability: "full" });
  const catalog = openSqlite(join(store.directory, "catalog.sqlite"));
  const rows = catalog.prepare("SELECT digest, place FROM chunk").all() as {
    digest: Buffer;
    place: Buffer;
  }[];
  const [a, b] = rows as [(typeof rows)[0], (typeof rows)[0]];
  // Each of two chunks in the other's place: their checksums go with them.
  const put = catalog.prepare("UPDATE chunk SET place = ? WHERE digest = ?");
  put.run(a.place, b.digest);
  put.run(b.place, a.digest);
  catalog.close();
  const shallow = await store.verify();
  expect(shallow.problems.first.map(({ kind }) => kind)).toEqual(["row", "row"]);
  const { damaged } = await store.verify({ deep: true });
  expect(damaged.count).toBe(2);
  expect(damaged.first.some(({ problem }) => problem === "digest")).toBe(true);
});

test("packs that are cut short, gone or swapped are told", async () => {
  const { store, directory } = await twoPacks();
  const [a, b] = packsOf(store) as [string, string];
  const kinds = async () => {
    const report = await (await open(store)).verify();
    expect(report.affected.length).toBeGreaterThan(0);
    return [...new Set(report.problems.first.map(({ kind }) => kind))];
  };
  const bytes = readFileSync(a);
  truncateSync(a, bytes.length - 60);
  // Its last chunks are still there: only the list of them is not.
  expect((await (await open(store)).verify()).problems.first[0]).toMatchObject({ kind: "short" });
  truncateSync(a, 70);
  expect(await kinds()).toEqual(["short"]);
  rmSync(a);
  expect(await kinds()).toEqual(["pack"]);
  writeFileSync(a, bytes);
  renameSync(a, `${a}.away`);
  renameSync(b, a);
  renameSync(`${a}.away`, b);
  expect(await kinds()).toEqual(["pack"]);
  expect(directory).toBeTruthy();
});

test("a chunk that the catalog does not list is missing, and a parent that is not there is told", async () => {
  const { store, snapshot, edit } = await editedDirectory("echo content >f");
  const first = await snapshot({ durability: "full" });
  await edit("echo more >g");
  const second = await snapshot({ parent: first.id, durability: "full" });
  const catalog = openSqlite(join(store.directory, "catalog.sqlite"));
  const content = await first.readFile("f");
  expect(content.toString()).toBe("content\n");
  const { digest } = chunksOf(store.directory, 0).find(({ bytes }) => bytes.equals(content))!;
  catalog.prepare("DELETE FROM chunk WHERE digest = ?").run(digest);
  catalog.prepare("UPDATE snapshot SET parent = 'nobody' WHERE id = ?").run(second.id);
  catalog.close();
  const { damaged, affected, problems } = await store.verify();
  expect(damaged.first).toMatchObject([{ problem: "missing" }]);
  expect(affected.map(({ paths }) => paths.paths)).toEqual([[{ path: "f" }], [{ path: "f" }]]);
  expect(problems.first).toMatchObject([{ kind: "parent", snapshot: second.id }]);
});

test("a verification that was ended goes on where it was, and `since` leaves out what was checked", async () => {
  const { store, directory, snapshot } = await editedDirectory();
  for (let index = 0; index < 3; index++)
    writeFileSync(join(directory, String(index)), seededBytes(String(index), 24_000_000));
  await snapshot();
  const before = new Date();
  const all = (await store.verify({ sample: 1 })).bytesChecked;
  expect((await store.verify({ since: before })).bytesChecked).toBe(0);
  const abort = new AbortController();
  const ended = store.verify({
    deep: true,
    signal: abort.signal,
    onProgress: (progress) => {
      if (progress.phase === "check" && progress.bytes > all / 3) abort.abort();
    },
  });
  await expect(ended).rejects.toMatchObject({ code: "ABORTED" });
  const rest = await store.verify({ deep: true });
  expect(rest.ok).toBe(true);
  expect(rest.bytesChecked).toBeLessThan(all);
  // A check by checksums alone is none by SHA-256, and the other way round it is one.
  expect((await store.verify({ deep: true, since: before })).bytesChecked).toBe(0);
  expect((await store.verify({ since: new Date(Date.now() + 1000) })).bytesChecked).toBe(all);
  // What was appended since was never checked.
  writeFileSync(join(directory, "more"), "more");
  await snapshot();
  expect((await store.verify({ since: before })).bytesChecked).toBeGreaterThan(0);
});

test("samples go round: together they look at everything", async () => {
  const { store, directory, snapshot } = await editedDirectory();
  for (let index = 0; index < 3; index++)
    writeFileSync(join(directory, String(index)), seededBytes(String(index), 24_000_000));
  await snapshot();
  const { bytesChecked } = await store.verify();
  const shares: number[] = [];
  for (let packs = packsOf(store.directory).length; packs > 0; ) {
    const report = await store.verify({ sample: 0.2 });
    expect(report.bytesChecked).toBeLessThan(bytesChecked);
    shares.push(report.bytesChecked);
    packs -= report.packsChecked;
  }
  expect(shares.length).toBeGreaterThan(2);
  expect(shares.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(bytesChecked);
  await expect(store.verify({ sample: 0 })).rejects.toThrow(RangeError);
  await expect(store.verify({ since: new Date(Number.NaN) })).rejects.toThrow(TypeError);
});

test("a pack in which something is damaged counts as never checked", async () => {
  const { store, snapshot } = await editedDirectory("echo content >f");
  await snapshot();
  flipText(store.directory, "content");
  const before = new Date();
  expect((await store.verify()).ok).toBe(false);
  expect((await store.verify({ since: before })).ok).toBe(false);
});

test("what is captured, removed and collected meanwhile is no damage", async () => {
  const { store, directory, edit } = await editedDirectory(
    "seq 30000 >base; mkdir d; for i in $(seq 200); do echo $i >d/$i; done",
  );
  const other = await open(store.directory);
  let isOver = false;
  const changes = async () => {
    for (let round = 0; !isOver; round++) {
      await edit(
        `seq ${round} $((${round} + 3000)) >round; rm -f d/$((${round} + 1)); echo ${round} >d/new`,
      );
      const { snapshot } = await other.snapshot(directory, { durability: "relaxed" });
      if (round % 2 === 0) await other.remove(snapshot);
      await other.gc();
    }
  };
  await store.snapshot(directory);
  const writing = changes();
  try {
    for (let round = 0; round < 6; round++) {
      const { ok, damaged, problems } = await store.verify({ deep: round % 2 === 0 });
      expect([ok, damaged.first, problems.first]).toEqual([true, [], []]);
    }
  } finally {
    isOver = true;
    await writing;
  }
});

/** A store of two packs. */
async function twoPacks() {
  const { scratch, directory, store } = await editedDirectory(
    "mkdir a b; echo content of a >a/a; echo content of b >b/b",
  );
  await store.snapshot(join(directory, "a"));
  await inAnotherPack(store.directory, async () => {
    await store.snapshot(join(directory, "b"));
  });
  await store.close();
  const path = join(scratch, "store");
  expect(readdirSync(join(path, "packs"))).toHaveLength(2);
  return { store: path, directory };
}

interface StoredChunk {
  readonly digest: Buffer;
  readonly pack: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Returns the chunks of a kind, as catalog and packs have them. */
function chunksOf(store: string, kind: number): StoredChunk[] {
  const catalog = openSqlite(join(store, "catalog.sqlite"), { readonly: true });
  const rows = catalog
    .prepare("SELECT digest, place, name FROM chunk JOIN pack ON pack.id = chunk.pack")
    .all() as { digest: Buffer; place: Buffer; name: string }[];
  catalog.close();
  return rows
    .filter(({ place }) => place[12] === kind)
    .map(({ digest, place, name }) => {
      const pack = join(store, "packs", `${name}.pack`);
      const offset = Number(place.readBigUInt64LE(0));
      return {
        digest,
        pack,
        offset,
        bytes: readFileSync(pack).subarray(offset, offset + place.readUInt32LE(8)),
      };
    });
}

test("a pack to which nothing was committed yet is no damage", async () => {
  const { store, snapshot } = await editedDirectory("echo 1 >f");
  await snapshot();
  const other = openEngine(store.directory, false);
  onTestFinished(() => closeEngine(other));
  const owned = [other.catalog.acquirePack(), other.catalog.acquirePack()];
  const { name } = owned.find(({ lengthBytes }) => lengthBytes === 0)!;
  expect(await store.verify({ deep: true })).toMatchObject({ ok: true });
  // Its file is there before its header.
  writeFileSync(join(store.directory, "packs", `${name}.pack`), "");
  expect(await store.verify({ deep: true })).toMatchObject({ ok: true });
});
