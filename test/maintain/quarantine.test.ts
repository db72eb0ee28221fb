/** Quarantine: what is put there stays there, whatever else comes. */
import { expect, test } from "vitest";
import { Quarantine } from "#dist/maintain/repair/quarantine.js";
import { MemoryDisk } from "../disk/memory-disk.js";

test("of files that had one name after the other all are kept", () => {
  const disk = new MemoryDisk();
  const quarantine = new Quarantine(disk, false);
  const kept = ["first", "second", "third"];
  for (const text of kept) {
    disk.files.set("packs/one.pack", Buffer.from(text));
    quarantine.take("packs/one.pack");
  }
  quarantine.keep("packs/one.pack", Buffer.from("fourth"));
  expect(quarantine.paths.map((path) => String(disk.files.get(path)))).toEqual([...kept, "fourth"]);
});

test("a dry run tells the same paths, and touches nothing", () => {
  const disk = new MemoryDisk();
  const quarantine = new Quarantine(disk, true);
  for (const path of ["packs/one.pack", "packs/one.pack"]) quarantine.take(path);
  expect(quarantine.paths.map((path) => path.split("/")[2])).toEqual(["one.pack", "one.pack.2"]);
  expect(disk.calls).toEqual([]);
});
