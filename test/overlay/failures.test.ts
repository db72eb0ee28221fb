/** What fails below an overlay: it keeps what it had, and works on. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";

const MEBIBYTE = 2 ** 20;

testIf(
  "mount",
  "a snapshot to a full disk says so; the overlay has all of it, and is captured later",
  async () => {
    const { store, disk } = await storeOnSmallDisk(8);
    const overlay = store.overlay();
    await overlay.writeFile("/first", "first");
    await overlay.snapshot();
    const bytes = Buffer.alloc(
      3 * MEBIBYTE,
      Buffer.from("some bytes that are not zeros, and then "),
    );
    for (let at = 0; at < bytes.length; at += 1000) bytes.writeUInt32LE(at, at);
    await overlay.writeFile("/large", bytes);
    await overlay.rm("/first");
    let refused = 0;
    for (const room of [0, 100_000, 1_000_000]) {
      fill(disk, room);
      await expect(overlay.snapshot({ name: "full" })).rejects.toMatchObject({ code: "DISK_FULL" });
      refused++;
      expect(await overlay.readdir("/")).toEqual(["large"]);
      expect((await overlay.readFile("/large")).equals(bytes)).toBe(true);
      await overlay.writeFile("/large", "x", { flag: "r+" });
      bytes.write("x", 0);
    }
    expect(refused).toBe(3);
    fill(disk, undefined);
    const { snapshot } = await overlay.snapshot({ name: "full" });
    expect((await snapshot.readFile("large")).equals(bytes)).toBe(true);
    expect((await snapshot.readdir("")).map(({ name }) => name)).toEqual(["large"]);
  },
);

testIf(
  "mount",
  "a write that there is no room for does nothing, and is done once there is room",
  async () => {
    const { store, disk } = await storeOnSmallDisk(120);
    const overlay = store.overlay();
    fill(disk, 200_000);
    const written = new Map<string, Buffer>();
    const refused = new Map<string, Buffer>();
    for (let index = 0; index < 80; index++) {
      const bytes = mebibyte(index);
      try {
        await overlay.writeFile(`/${index}`, bytes);
        written.set(`/${index}`, bytes);
      } catch (error) {
        expect(error).toMatchObject({
          code: "DISK_FULL",
          message: expect.stringContaining("nothing of this call was written"),
        });
        refused.set(`/${index}`, bytes);
      }
    }
    expect(refused.size).toBeGreaterThan(0);
    const check = async () => {
      expect(new Set(await overlay.readdir("/"))).toEqual(
        new Set([...written.keys()].map((path) => path.slice(1))),
      );
      for (const [path, bytes] of written)
        expect([path, (await overlay.readFile(path)).equals(bytes)]).toEqual([path, true]);
    };
    await check();

    // Whatever else would write, none of it does a part of what it is for.
    const full = { code: "DISK_FULL" };
    const more = mebibyte(99);
    const file = await overlay.open("/0", "r+");
    await expect(overlay.writeFile("/1", more)).rejects.toMatchObject(full);
    await expect(overlay.writeFile("/1", more, { flag: "w+" })).rejects.toMatchObject(full);
    await expect(overlay.appendFile("/1", more)).rejects.toMatchObject(full);
    await expect(overlay.appendFile("/new", more)).rejects.toMatchObject(full);
    await expect(file.write(more)).rejects.toMatchObject(full);
    await expect(file.writev([more.subarray(0, 10), more])).rejects.toMatchObject(full);
    await check();
    const first = Buffer.alloc(4);
    await file.read(first);
    expect(first).toEqual(written.get("/0")?.subarray(0, 4));

    // What is taken away makes room.
    await overlay.rm("/2");
    written.delete("/2");
    await overlay.writeFile("/3", more.subarray(0, 500_000));
    written.set("/3", more.subarray(0, 500_000));
    await check();

    fill(disk, undefined);
    for (const [path, bytes] of refused) {
      await overlay.writeFile(path, bytes);
      written.set(path, bytes);
    }
    await check();
    const { snapshot } = await overlay.snapshot();
    expect(snapshot.totalBytes).toBe(78 * MEBIBYTE + 500_000);
    await check();
  },
);

testIf(
  "mount",
  "a write that is larger than all room is whole, and the next one is refused",
  async () => {
    const { store, disk } = await storeOnSmallDisk(200);
    const overlay = store.overlay();
    fill(disk, 200_000);
    const large = Buffer.concat(Array.from({ length: 70 }, (_, index) => mebibyte(index)));
    await overlay.writeFile("/large", large);
    await expect(overlay.writeFile("/small", "small")).rejects.toMatchObject({ code: "DISK_FULL" });
    expect(await overlay.readdir("/")).toEqual(["large"]);
    expect((await overlay.readFile("/large")).equals(large)).toBe(true);
    fill(disk, undefined);
    await overlay.writeFile("/small", "small");
    expect((await overlay.readFile("/large")).equals(large)).toBe(true);
  },
);

test("a damaged chunk is CORRUPT where it is read; the rest of the overlay works on", async () => {
  const scratch = scratchDirectory();
  const directory = join(scratch, "store");
  const first = await Store.open(directory);
  const begun = first.overlay();
  const mark = Buffer.alloc(8192, "a mark that can be found in the pack ");
  await begun.writeFile("/damaged", mark);
  await begun.writeFile("/sound", "sound");
  const { snapshot } = await begun.snapshot({ name: "base" });
  await first.close();
  expect(snapshot.name).toBe("base");
  let flipped = 0;
  for (const name of readdirSync(join(directory, "packs"))) {
    const path = join(directory, "packs", name);
    const bytes = readFileSync(path);
    const at = bytes.indexOf("a mark that can be found");
    if (at < 0) continue;
    bytes.writeUInt8(bytes.readUInt8(at + 5) ^ 1, at + 5);
    writeFileSync(path, bytes);
    flipped++;
  }
  expect(flipped).toBe(1);

  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  const overlay = store.overlay("base");
  const fork = overlay.fork();
  const corrupt = { code: "CORRUPT" };
  await expect(overlay.readFile("/damaged")).rejects.toMatchObject(corrupt);
  const file = await overlay.open("/damaged", "r+");
  await expect(file.write("in the middle", 100)).rejects.toMatchObject(corrupt);
  await expect(file.read(Buffer.alloc(10), 0, 10, 0)).rejects.toMatchObject(corrupt);
  expect((await file.stat()).size).toBe(mark.length);
  // What is never read need not be whole.
  await overlay.rename("/damaged", "/moved");
  await overlay.copyFile("/moved", "/copy");
  await overlay.appendFile("/sound", " still");
  const { snapshot: after } = await overlay.snapshot();
  expect((await after.readFile("sound")).toString()).toBe("sound still");
  await overlay.writeFile("/moved", "whole again");
  expect(await overlay.readFile("/moved", "utf8")).toBe("whole again");
  await expect(fork.readFile("/damaged")).rejects.toMatchObject(corrupt);
  await fork.writeFile("/damaged", mark.fill("b"));
  expect((await (await fork.snapshot()).snapshot.readFile("damaged")).equals(mark)).toBe(true);
});

test("a name that is taken costs nothing: the overlay is captured under another one", async () => {
  const { store } = await openStore();
  const overlay = store.overlay();
  await overlay.writeFile("/a", "a");
  await overlay.snapshot({ name: "taken" });
  const head = overlay.head;
  await overlay.writeFile("/b", "b");
  await expect(overlay.snapshot({ name: "taken" })).rejects.toMatchObject({ code: "NAME_TAKEN" });
  expect(overlay.head?.id).toBe(head?.id);
  const changed: string[] = [];
  for await (const { path } of overlay.changes()) changed.push(path);
  expect(changed).toContain("b");
  const { snapshot } = await overlay.snapshot({ name: "free" });
  expect((await snapshot.readdir("")).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("with its store closed an overlay says so, and what is in memory can still be read", async () => {
  const { store } = await openStore();
  const overlay = store.overlay();
  await overlay.writeFile("/a", "a");
  await overlay.writeFile("/large", Buffer.alloc(50_000, "large"));
  await overlay.snapshot();
  expect(await overlay.readFile("/a", "utf8")).toBe("a");
  // Too large to be kept; it is known where it lies.
  expect(await overlay.readFile("/large")).toHaveLength(50_000);
  await store.close();
  const closed = { code: "STORE_CLOSED" };
  await expect(overlay.readFile("/large")).rejects.toMatchObject(closed);
  await expect(overlay.snapshot()).rejects.toMatchObject(closed);
  expect(() => overlay.fork()).toThrow(expect.objectContaining(closed));
  await expect(overlay.changes().next()).rejects.toMatchObject(closed);
  expect(await overlay.readFile("/a", "utf8")).toBe("a");
});

/** Bytes that are in no other file. */
function mebibyte(seed: number): Buffer {
  const bytes = Buffer.alloc(MEBIBYTE, seed + 1);
  for (let at = 0; at < bytes.length; at += 1000) bytes.writeUInt32LE(at * 100 + seed, at);
  return bytes;
}

async function openStore(): Promise<{ readonly store: Store }> {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  return { store };
}

async function storeOnSmallDisk(
  mebibytes: number,
): Promise<{ readonly store: Store; readonly disk: string }> {
  const disk = join(scratchDirectory(), "disk");
  mkdirSync(disk);
  await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", disk]);
  // Lazily: a store that a failed test left open would keep it busy.
  onTestFinished(async () => void (await run("umount", ["--lazy", disk])));
  const store = await Store.open(join(disk, "store"));
  onTestFinished(() => store.close());
  return { store, disk };
}

/** Fills a disk up to some bytes; empties it again of what filled it, where none are given. */
function fill(disk: string, left: number | undefined): void {
  const file = join(disk, "ballast");
  rmSync(file, { force: true });
  if (left === undefined) return;
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - left)));
}
