/** An erasure that is killed at any moment: before it began nothing was changed, and erasing again finishes it. */
import { randomBytes } from "node:crypto";
import { cpSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { filesWith } from "./raw-search.js";

const script = fileURLToPath(new URL("children/erase-until-killed.mjs", import.meta.url));
/** Points that are tried beside the first ones, evenly among all. */
const POINTS = 24;

test("killed before any call that changes a file, it has begun or it has not, and erasing again finishes it", async () => {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  const original = join(scratch, "store");
  const secret = randomBytes(3_000);
  const large = randomBytes(100_000);
  mkdirSync(join(source, "d"), { recursive: true });
  writeFileSync(join(source, "kept"), randomBytes(90_000));
  writeFileSync(join(source, "d/secret"), secret);
  writeFileSync(join(source, "large"), large);
  linkSync(join(source, "d/secret"), join(source, "other-name"));
  const store = await Store.open(original);
  const names: string[] = [];
  for (let index = 0; index < 3; index++) {
    writeFileSync(join(source, "d/step"), `step ${index}`);
    if (index === 2) rmSync(join(source, "large"));
    await store.snapshot(source, { name: `step-${index}` });
    names.push(`step-${index}`);
  }
  const digests = (await store.snapshots()).map(({ digest }) => digest);
  await store.close();
  const paths = ["d/secret", "other-name", "large"];
  const traces = (directory: string) =>
    [secret.subarray(0, 64), large.subarray(50_000, 50_064)].flatMap((bytes) =>
      filesWith(directory, bytes),
    );

  const eraseUntil = async (call: number) => {
    const directory = join(scratch, `killed-${call}`);
    cpSync(original, directory, { recursive: true });
    const child = await run(process.execPath, [script, directory, String(call), ...paths], {
      allowFailure: true,
    });
    return { directory, child };
  };
  const whole = await eraseUntil(0);
  const calls = Number(whole.child.stdout);
  expect(calls).toBeGreaterThan(10);
  expect(traces(whole.directory)).toEqual([]);

  const step = Math.max(1, Math.floor(calls / POINTS));
  let untouched = 0;
  let repaired = 0;
  for (let call = 1; call <= calls; call += step) {
    const { directory, child } = await eraseUntil(call);
    expect(child.stdout).toBe("");
    const again = await Store.open(directory);
    try {
      const left = await again.snapshots();
      const isUntouched = left.every(({ digest }, index) => digest === digests[index]);
      const isErased = left.every(({ erasedAt }) => erasedAt !== undefined);
      expect(isUntouched || isErased).toBe(true);
      if (isUntouched) untouched++;
      // Whoever collects finishes what was begun; else erasing again does. What ends with an index record that was not
      // committed could be somebody's snapshots: a repair looks first.
      if (isErased && call % 2 === 0) await again.gc();
      else {
        const { remaining } = await again.erase({ paths });
        if (remaining.length > 0) {
          expect(remaining).toMatchObject([
            { reason: expect.stringContaining("repair") as string },
          ]);
          await again.repair();
          expect((await again.erase({ paths })).remaining).toEqual([]);
          repaired++;
        }
      }
      expect(traces(directory)).toEqual([]);
      for (const [index, name] of names.entries()) {
        const snapshot = await again.get(name);
        expect(String(await snapshot.readFile("d/step"))).toBe(`step ${index}`);
        expect(await snapshot.readFile("kept")).toHaveLength(90_000);
        expect(await snapshot.readdir("")).toHaveLength(2);
      }
    } finally {
      await again.close();
    }
    rmSync(directory, { recursive: true });
  }
  expect(untouched).toBeGreaterThan(0);
  expect(repaired).toBeLessThan(untouched);
});
