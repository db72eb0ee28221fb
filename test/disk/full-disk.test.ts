/**
 * A disk that is really full: a small file system in memory.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { seededBytes } from "../chunk/seeded-bytes.js";
import { compareTrees } from "../support/compare-trees.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";

testIf(["mount", "tools"], "a full disk ends the capture, and the store stays usable", async () => {
  const scratch = scratchDirectory();
  const [disk, source] = [join(scratch, "disk"), join(scratch, "source")];
  mkdirSync(disk);
  mkdirSync(source);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", disk]));
  const store = await Store.open(join(disk, "store"));
  writeFileSync(join(source, "small"), "small");
  const { snapshot: first } = await store.snapshot(source);
  const full = expect.objectContaining({ name: "CoppiceError", code: "DISK_FULL" });

  // One that fills the writer's buffer, and one that does not.
  for (const sizeBytes of [6_000_000, 3_000_000]) {
    writeFileSync(join(source, "large"), seededBytes("large", sizeBytes));
    for (const workers of [0, 2]) {
      await expect(store.snapshot(source, { workers })).rejects.toEqual(full);
      expect((await store.snapshots()).map(({ id }) => id)).toEqual([first.id]);
    }
  }
  // Something else has filled it to the last byte.
  try {
    writeFileSync(join(disk, "ballast"), Buffer.alloc(8_000_000));
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  }
  await expect(store.snapshot(source)).rejects.toEqual(full);
  expect(String(await first.readFile("small"))).toBe("small");
  rmSync(join(disk, "ballast"));

  writeFileSync(join(source, "large"), seededBytes("large", 200_000));
  const { snapshot: second } = await store.snapshot(source, { parent: first.id });
  await store.close();
  await using reopened = await Store.open(join(disk, "store"));
  expect((await reopened.snapshots()).map(({ id }) => id)).toEqual([second.id, first.id]);
  const target = join(scratch, "target");
  await reopened.restore(second.id, target);
  expect(await compareTrees(source, target)).toEqual([]);
});
