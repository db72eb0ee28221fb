import fs, { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Disk } from "#dist/disk/disk.js";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { scratchDirectory } from "../support/scratch.js";
import { FaultyDisk, systemError } from "./faulty-disk.js";
import { MemoryDisk } from "./memory-disk.js";

const implementations: Record<string, () => Disk> = {
  nodeDisk: () => nodeDisk(scratchDirectory()),
  "FaultyDisk without faults": () => new FaultyDisk(scratchDirectory()),
  MemoryDisk: () => new MemoryDisk(),
};

describe.each(Object.entries(implementations))("%s", (_, make) => {
  test("creates what is not there, opens what is", () => {
    const disk = make();
    expect(() => disk.open("file", "read")).toThrow(expect.objectContaining({ code: "ENOENT" }));
    expect(() => disk.open("file", "write")).toThrow(expect.objectContaining({ code: "ENOENT" }));
    disk.open("file", "create").close();
    expect(() => disk.open("file", "create")).toThrow(expect.objectContaining({ code: "EEXIST" }));
    disk.open("file", "write").close();
    expect(disk.readFile("file")).toEqual(Buffer.alloc(0));
  });

  test("writes and reads at positions, and reads less at the end", () => {
    const disk = make();
    const file = disk.open("file", "create");
    const bytes = seededBytes("bytes", 3_000_000);
    file.write(bytes, 0);
    file.write(Buffer.from("behind a gap"), 3_000_010);
    file.write(Buffer.from("over"), 5);
    file.sync();
    expect(file.size()).toBe(3_000_022);
    const into = Buffer.alloc(20, 0xff);
    expect(file.read(into, 3_000_004)).toBe(18);
    expect(into).toEqual(
      Buffer.concat([Buffer.alloc(6), Buffer.from("behind a gap"), Buffer.from([0xff, 0xff])]),
    );
    expect(file.read(into, 3_000_022)).toBe(0);
    file.truncate(9);
    file.truncate(12);
    file.close();
    const expected = Buffer.concat([bytes.subarray(0, 5), Buffer.from("over"), Buffer.alloc(3)]);
    expect(disk.readFile("file")).toEqual(expected);
  });

  test("replaces a file in one step, of any number of pieces", () => {
    const disk = make();
    disk.makeDirectory("cache");
    disk.makeDirectory("cache");
    disk.replace("cache/a", [Buffer.from("old")]);
    disk.replace(
      "cache/a",
      ["n", "", "ew"].map((piece) => Buffer.from(piece)),
    );
    disk.replace("cache/b", []);
    disk.syncDirectory("cache");
    expect(String(disk.readFile("cache/a"))).toBe("new");
    expect(disk.readFile("cache/b")).toEqual(Buffer.alloc(0));
    disk.remove("cache/b");
    disk.remove("cache/b");
    expect(disk.readFile("cache/b")).toBeUndefined();
    expect(disk.list("cache").map((name) => name.replace("cache/", ""))).toEqual(["a"]);
  });
});

describe("nodeDisk", () => {
  const original = { writeSync: fs.writeSync, readSync: fs.readSync, renameSync: fs.renameSync };
  afterEach(() => patch(original));

  test("writes and reads all, however little a system call does", () => {
    const disk = nodeDisk(scratchDirectory());
    const file = disk.open("file", "create");
    const bytes = seededBytes("short", 10_000);
    let calls = 0;
    patch({
      writeSync: ((
        fd: number,
        data: Uint8Array,
        offset: number,
        length: number,
        position: number,
      ) => {
        calls++;
        return original.writeSync(fd, data, offset, Math.min(length, 1 + (calls % 700)), position);
      }) as typeof fs.writeSync,
      readSync: ((
        fd: number,
        data: Uint8Array,
        offset: number,
        length: number,
        position: number,
      ) => {
        calls++;
        return original.readSync(fd, data, offset, Math.min(length, 1 + (calls % 300)), position);
      }) as typeof fs.readSync,
    });
    file.write(bytes, 17);
    const written = calls;
    const into = Buffer.alloc(10_100);
    expect(file.read(into, 17)).toBe(10_000);
    expect(into.subarray(0, 10_000).equals(bytes)).toBe(true);
    disk.replace("other", [bytes, bytes.subarray(1)]);
    file.close();
    expect(written).toBeGreaterThan(20);
    patch(original);
    expect(disk.readFile("other")?.equals(Buffer.concat([bytes, bytes.subarray(1)]))).toBe(true);
  });

  test("tells why the rest of a short write failed", () => {
    const disk = nodeDisk(scratchDirectory());
    const file = disk.open("file", "create");
    let calls = 0;
    const full = systemError("ENOSPC", "write");
    patch({
      writeSync: ((
        fd: number,
        data: Uint8Array,
        offset: number,
        length: number,
        position: number,
      ) => {
        if (calls++ > 0) throw full;
        return original.writeSync(fd, data, offset, Math.min(length, 100), position);
      }) as typeof fs.writeSync,
    });
    expect(() => file.write(Buffer.alloc(1_000), 0)).toThrow(full);
    expect(file.size()).toBe(100);
    file.close();
  });

  test.each(["writeSync", "renameSync"] as const)(
    "keeps the old file, and nothing else, where %s fails",
    (name) => {
      const root = scratchDirectory();
      const disk = nodeDisk(root);
      disk.replace("file", [Buffer.from("old")]);
      const full = systemError("ENOSPC", name);
      patch({
        [name]: () => {
          throw full;
        },
      });
      expect(() => disk.replace("file", [Buffer.from("new")])).toThrow(full);
      patch(original);
      expect(readdirSync(root)).toEqual(["file"]);
      expect(readFileSync(join(root, "file"), "utf8")).toBe("old");
    },
  );

  test("makes files and directories for their owner alone, whatever the umask", () => {
    const root = scratchDirectory();
    const disk = nodeDisk(root);
    const umask = process.umask(0);
    try {
      disk.makeDirectory("packs");
      disk.open("packs/file", "create").close();
      disk.replace("packs/replaced", []);
    } finally {
      process.umask(umask);
    }
    const modes = ["packs", "packs/file", "packs/replaced"].map(
      (path) => statSync(join(root, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  test("replaces a file although a dead process left its temporary one", () => {
    // In a container every process may have the number that the dead one had.
    const root = scratchDirectory();
    for (let count = 0; count < 100; count++)
      writeFileSync(join(root, `file.${process.pid}-${count}.tmp`), "");
    nodeDisk(root).replace("file", [Buffer.from("new")]);
    expect(readFileSync(join(root, "file"), "utf8")).toBe("new");
  });

  test("says what it cannot read, and that there is nothing where nothing is", () => {
    const root = scratchDirectory();
    mkdirSync(join(root, "directory"));
    const disk = nodeDisk(root);
    expect(() => disk.readFile("directory")).toThrow(expect.objectContaining({ code: "EISDIR" }));
    expect(disk.readFile("missing")).toBeUndefined();
  });
});

/** Puts functions in place of those of node:fs, for everyone who imported them. */
function patch(functions: Partial<typeof fs>): void {
  Object.assign(fs, functions);
  syncBuiltinESMExports();
}
