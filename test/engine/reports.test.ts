/** What reports and progress tell. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Progress } from "#dist/index.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";

const script = `mkdir -p a/b c; for f in {1..40}; do echo $f >a/$f; done; ln a/1 c/link; ln a/1 a/b/link
  ln -s nowhere c/symlink; mkfifo c/fifo; : >c/empty`;

testIf(
  "koffi",
  "the progress of a restore counts every entry and ends with all of them",
  async () => {
    const { scratch, store, snapshot } = await editedDirectory(script);
    const taken = await snapshot();
    for (const workers of [0, 2]) {
      const told: Extract<Progress, { phase: "restore" }>[] = [];
      await store.restore(taken, join(scratch, `target-${workers}`), {
        workers,
        onProgress: (progress) => {
          if (progress.phase === "restore") told.push(progress);
        },
      });
      const done = told.map((each) => each.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(new Set(told.map(({ total }) => total))).toEqual(new Set([taken.entryCount]));
      expect(done.at(-1)).toBe(taken.entryCount);
    }
  },
);

test("of a part of a snapshot, or in place, the end of a restore is not foretold", async () => {
  const { scratch, directory, store, snapshot, edit } = await editedDirectory(
    "mkdir d; echo 1 >d/f; echo 2 >g",
  );
  const taken = await snapshot();
  const totals: number[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.phase === "restore") totals.push(progress.total);
  };
  await store.restore(taken, join(scratch, "part"), { paths: ["d"], onProgress });
  await edit("rm g");
  await store.restore(taken, directory, { onProgress });
  expect(new Set(totals)).toEqual(new Set([0]));
});

testIf("byte-names", "reports tell the bytes of names that are not UTF-8", async () => {
  const { scratch, directory, store } = await editedDirectory("echo 1 >utf-8");
  const exclude = ["left-out"];
  const { snapshot: before } = await store.snapshot(directory, { exclude });
  const below = (name: Buffer) => Buffer.concat([Buffer.from(`${directory}/`), name]);
  const pathBytes = Buffer.from("not \xff UTF-8", "latin1");
  const path = pathBytes.toString();
  const inside = Buffer.concat([pathBytes, Buffer.from("/left-out")]);
  mkdirSync(below(pathBytes));
  writeFileSync(below(inside), "kept");
  for (const workers of [0, 2]) {
    const { report } = await store.snapshot(directory, { exclude, workers });
    expect(report.excluded.paths).toEqual([{ path: `${path}/left-out`, pathBytes: inside }]);
  }
  const { changes, kept } = await store.restore(before, directory);
  expect(changes).toContainEqual({ action: "remove", kind: "directory", path, pathBytes });
  expect(kept).toEqual([{ path, pathBytes }]);
  expect(readFileSync(below(inside), "utf8")).toBe("kept");
  const report = await store.restore(before, join(scratch, "new"));
  expect(report.changes[0]).toEqual({ action: "create", kind: "file", path: "utf-8" });
});
