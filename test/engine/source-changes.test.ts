/** A directory that changes while it is captured: what is captured was there, or the capture says why not. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CoppiceError } from "#dist/model/error.js";
import type { Progress } from "#dist/model/options.js";
import { removeTree } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { startChild } from "./child.js";
import { editedDirectory } from "./edited-directory.js";
import { lines, listSnapshot, listTree } from "./listing.js";

testIf(
  "koffi",
  "a capture amid changes has a code or a consistent snapshot, which restores",
  async () => {
    const { scratch, directory, store, edit } = await editedDirectory("mkdir -p a/a a/b b/a");
    const meddler = startChild("meddle", [directory, "everything"]);
    expect(await meddler.line()).toBe("ready");
    const counts: Record<string, number> = {};
    for (let count = 0; count < 60; count++) {
      const outcome = await store
        .snapshot(directory, { durability: "relaxed", workers: count % 3 === 0 ? 0 : 2 })
        .catch((error: unknown) => error);
      const code = outcome instanceof CoppiceError ? outcome.code : "captured";
      counts[code] = (counts[code] ?? 0) + 1;
      expect(["captured", "UNREADABLE", "SOURCE_VANISHED"]).toContain(code);
      if (outcome instanceof CoppiceError) continue;
      const { snapshot, report } = outcome as Awaited<ReturnType<typeof store.snapshot>>;
      const listing = await listSnapshot(snapshot);
      expect([report.entries, snapshot.entryCount]).toEqual([listing.size - 1, listing.size - 1]);
      const target = join(scratch, `target-${count}`);
      await store.restore(snapshot, target);
      const restored = listTree(target);
      expect(lines(restored, { without: ["link"] })).toEqual(lines(listing));
      expect((await store.snapshot(target, { durability: "relaxed" })).snapshot.digest).toBe(
        snapshot.digest,
      );
      await removeTree(target);
    }
    await meddler.kill();
    console.log(`Captured amid changes: ${JSON.stringify(counts)}`);
    expect(counts.captured).toBeGreaterThan(0);
    // Once it is quiet a capture is what stands there, whatever the stat cache learned in the noise.
    await edit("ls -laR >/dev/null");
    const { snapshot } = await store.snapshot(directory);
    expect(lines(await listSnapshot(snapshot))).toEqual(
      lines(listTree(directory), { without: ["link"] }),
    );
  },
);

test("a file that is written while it is read is captured as it was at one moment", async () => {
  const { directory, store } = await editedDirectory(
    "head -c 300000 /dev/zero | tr '\\0' a >uniform; : >growing",
  );
  const meddler = startChild("meddle", [directory, "one-file"]);
  expect(await meddler.line()).toBe("ready");
  const counts = { captured: 0, unstable: 0, readAgain: 0 };
  for (let count = 0; count < 60; count++) {
    const { snapshot, report } = await store.snapshot(directory, {
      durability: "relaxed",
      onUnreadable: "skip",
    });
    counts.readAgain += report.changed.count;
    counts.unstable += report.unreadable.count;
    for (const { name, sizeBytes } of await snapshot.readdir()) {
      const bytes = await snapshot.readFile(name);
      counts.captured++;
      expect(bytes).toHaveLength(sizeBytes);
      if (name === "uniform") expect(new Set(bytes).size).toBe(1);
      else expect(bytes.toString()).toMatch(/^(\d{9}\n)*$/);
    }
  }
  await meddler.kill();
  console.log(`Captured files amid writes: ${JSON.stringify(counts)}`);
});

test("a directory that is gone, or another one, at any step of the capture is an error", async () => {
  const actions: Record<string, (directory: string) => void> = {
    removed: (directory) => rmSync(directory, { recursive: true }),
    moved: (directory) => renameSync(directory, `${directory}.moved`),
    replaced(directory) {
      renameSync(directory, `${directory}.moved`);
      mkdirSync(directory);
    },
  };
  for (const [name, action] of Object.entries(actions)) {
    for (let step = 0; step < 3; step++) {
      const { directory, store } = await editedDirectory(
        "mkdir -p a/b; echo 1 >a/f; echo 2 >a/b/g",
      );
      let steps = 0;
      const onProgress = ({ phase }: Progress): void => {
        if (phase === "scan" && steps++ === step) action(directory);
      };
      const outcome = store.snapshot(directory, { workers: 0, onProgress });
      await expect(outcome, `${name} at step ${step}`).rejects.toMatchObject({
        code: "SOURCE_VANISHED",
      });
      expect(await store.snapshots()).toEqual([]);
    }
  }
});

test("a name that goes before it is read takes no other name of its file with it", async () => {
  for (const victim of ["a/x", "b/y"]) {
    const { directory, store } = await editedDirectory(
      "mkdir a b; echo 1 >a/x; ln a/x b/y; echo 2 >b/z",
    );
    const { snapshot, report } = await store.snapshot(directory, {
      workers: 0,
      // Files with several names are read once every directory is listed.
      onProgress(progress) {
        if (progress.phase !== "scan" || progress.entries < 5) return;
        if (existsSync(join(directory, victim))) unlinkSync(join(directory, victim));
      },
    });
    const paths = [...(await listSnapshot(snapshot)).keys()]
      .filter((path) => /[xyz]$/.test(path))
      .sort();
    const left = ["a/x", "b/y", "b/z"].filter((path) => path !== victim);
    // It was read before it went, or it is told.
    const told = report.changed.paths.map(({ path }) => path);
    expect([victim, [...paths, ...told].sort()]).toEqual([victim, ["a/x", "b/y", "b/z"]]);
    expect(paths).toEqual(expect.arrayContaining(left));
    expect(readdirSync(directory)).toEqual(["a", "b"]);
  }
});
