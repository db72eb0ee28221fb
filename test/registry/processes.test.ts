/** Several processes on one registry, and processes that are killed at each step. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/store.js";
import { runScript, startScript } from "../support/script.js";
import { inDirectory } from "../workspace/workspace-fixture.js";
import { expectConsistent, numbersOf, registryFixture } from "./registry-fixture.js";

const script = new URL("children/use-registry.mjs", import.meta.url);

/** A store that nobody has open, and a bundle. */
async function prepared() {
  const { store, storeDirectory, scratch } = await registryFixture(
    "echo 1 >1; mkdir d; echo 2 >d/2",
  );
  await store.registry.limits({ maxVersions: 2 });
  await store.close();
  inDirectory(scratch, "tar czf bundle.tgz -C bot .");
  return { storeDirectory, bundle: join(scratch, "bundle.tgz") };
}

test("however many processes upload to one name, versions count without gaps or doubles", async () => {
  const { storeDirectory, bundle } = await prepared();
  const uploads = 5;
  const children = [1, 2, 3].map(() =>
    startScript(script, [storeDirectory, "upload", bundle, String(uploads)]),
  );
  const given = await Promise.all(
    children.map(async (child) => {
      const numbers: number[] = [];
      for (let line = await child.line(); line !== undefined; line = await child.line())
        numbers.push(Number(line));
      expect(await child.ended()).toBe(0);
      return numbers;
    }),
  );
  for (const numbers of given) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const total = uploads * children.length;
  expect(given.flat().sort((a, b) => a - b)).toEqual(
    Array.from({ length: total }, (_, n) => n + 1),
  );
  const store = await Store.open(storeDirectory);
  expect((await store.registry.get("bot")).version).toBe(total);
  expect(await numbersOf(store, "bot")).toEqual([total, total - 1]);
  await expectConsistent(store);
  await store.close();
});

for (const action of ["upload", "delete"] as const) {
  test(`${action}: killed at any step, it is done or was never begun, and nothing is left of it`, async () => {
    const { storeDirectory, bundle } = await prepared();
    let store = await Store.open(storeDirectory);
    onTestFinished(() => store.close());
    const upload = async () =>
      (await store.registry.upload({ name: "bot", bundle, entrypoint: "x" })).version;
    // Two versions: another one has the first of them go.
    await upload();
    let last = await upload();
    for (let step = 1, isDone = false; !isDone; step++) {
      const before = await numbersOf(store, "bot");
      expect(before).toHaveLength(2);
      await store.close();
      const what = action === "upload" ? bundle : String(last);
      const child = await runScript(script, [
        storeDirectory,
        `killed-${action}`,
        what,
        String(step),
      ]);
      isDone = child.stdout === "done\n";
      if (!isDone) expect(child).toMatchObject({ stdout: "", signal: "SIGKILL" });
      store = await Store.open(storeDirectory);
      const numbers = await numbersOf(store, "bot");
      const after = action === "upload" ? [last + 1, last] : before.slice(1);
      expect([before, after], `step ${step}`).toContainEqual(numbers);
      if (isDone) expect(numbers).toEqual(after);
      // Whoever changes the registry next puts in order what was left.
      const next = (action === "upload" ? numbers[0]! : last) + 1;
      last = await upload();
      expect(last, `step ${step}`).toBe(next);
      await expectConsistent(store);
      expect(step).toBeLessThan(100);
    }
  });
}
