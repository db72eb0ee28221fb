/** Which drivers can be used where, and that none takes another one's place in silence. */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { DriverName } from "#dist/workspace/driver.js";
import { makeLoopFileSystem } from "../support/loop-file-system.js";
import { mountsBelow } from "../support/mount-points.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { runScript } from "../support/script.js";
import { capability } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { Ground, places } from "./ground.js";
import { capturedBy, expectState, inDirectory, leftovers } from "./workspace-fixture.js";

const names: readonly DriverName[] = ["overlayfs", "overlayfs-checkout", "clone", "copy"];
const packageDirectory = fileURLToPath(new URL("../..", import.meta.url));
const script = new URL("children/use-drivers.mjs", import.meta.url);

interface Outcome {
  readonly driver?: DriverName;
  readonly content?: string;
  readonly error?: string;
  readonly code?: string;
  readonly message?: string;
}

interface Told {
  readonly drivers: readonly { readonly name: DriverName; readonly problem?: string }[];
  readonly outcomes: Readonly<Record<DriverName, Outcome>>;
  readonly best: Outcome;
}

for (const place of [places.copy, places["clone-xfs"], places["clone-btrfs"]]) {
  const where = place.driver === "copy" ? "the temporary directory" : place.fileSystem;
  const ground = new Ground(place);
  ground.test(`in ${where} each driver works or says why it does not`, async () => {
    const { store, scratch, storeDirectory } = await ground.captured("echo content >file");
    const { digest } = await store.get("base");
    const drivers = await store.drivers(scratch);
    expect(drivers.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const { name, problem } of drivers) {
      const dir = join(scratch, name);
      if (problem === undefined) {
        const workspace = await store.fork("base", { dir, driver: name });
        expect(workspace.driver).toBe(name);
        await expectState(store, dir, digest);
        await workspace.discard();
        continue;
      }
      const error = { code: "UNSUPPORTED", message: expect.stringContaining(problem) };
      await expect(store.fork("base", { dir, driver: name })).rejects.toMatchObject(error);
      expect(readdirSync(scratch)).not.toContain(name);
    }
    // The first that works is what is taken.
    const best = await store.fork("base", { dir: join(scratch, "best") });
    expect(best.driver).toBe(drivers.find(({ problem }) => problem === undefined)?.name);
    await best.discard();
    // What the machine is known to do has no problem: a probe that is wrong would go unseen.
    const working = drivers.filter(({ problem }) => problem === undefined).map(({ name }) => name);
    expect(working).toContain(place.driver);
    const canMount = ["mount", "overlay"].every((need) => capability(need as "mount").available);
    if (canMount) expect(working).toContain("overlayfs-checkout");
    if (canMount && capability("erofs").available) expect(best.driver).toBe("overlayfs");
    await store.close();
    expect(leftovers({ scratch, storeDirectory })).toEqual([]);
  });
}

testIf(
  ["root", "koffi", "byte-names", "loop-xfs"],
  "a clone is refused where the store lies on another file system",
  async () => {
    const disk = makeLoopFileSystem("xfs");
    onTestFinished(() => disk.remove());
    const { store } = await capturedBy("echo content >file");
    const dir = join(disk.directory, "workspace");
    const problem = (await store.drivers(disk.directory)).find(({ name }) => name === "clone");
    expect(problem?.problem).toEqual(expect.any(String));
    await expect(store.fork("base", { dir, driver: "clone" })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining(problem!.problem!),
    });
    expect(readdirSync(disk.directory)).toEqual([]);
    // The others need not have it there.
    for (const driver of ["copy", undefined] as const) {
      const workspace = await store.fork("base", { dir, ...(driver && { driver }) });
      await expectState(store, dir, (await store.get("base")).digest);
      await workspace.discard();
    }
  },
);

testIf(
  "root",
  "without privileges a workspace is a copy, and the others say what they need",
  async () => {
    const scratch = scratchDirectory();
    await run("bash", ["-euc", "mkdir source; echo content >source/file; chmod -R a+rwX ."], {
      cwd: scratch,
    });
    const index = join(packageDirectory, "dist/index.js");
    const args = [index, join(scratch, "store"), join(scratch, "source"), scratch];
    const { exitCode, stdout, stderr } = await runScript(script, args, { uid: 65_534 });
    expect([exitCode, stderr]).toEqual([0, ""]);
    const told: Told = JSON.parse(stdout);
    expectAgreement(told);
    expect(told.outcomes.copy).toEqual({ driver: "copy", content: "content\n" });
    expect(problemOf(told, "overlayfs")).toMatch(/CAP_SYS_ADMIN|root|privilege/);
    expect(mountsBelow(scratch)).toEqual([]);
  },
);

test("without koffi a workspace is a copy, and the others say that it is missing", async () => {
  const scratch = scratchDirectory();
  mkdirSync(join(scratch, "package/node_modules"), { recursive: true });
  inDirectory(scratch, "mkdir source; echo content >source/file");
  for (const each of ["dist", "package.json"])
    cpSync(join(packageDirectory, each), join(scratch, "package", each), { recursive: true });
  // All that it depends on but koffi.
  const packages = readdirSync(join(packageDirectory, "node_modules")).filter(
    (name) => name !== "koffi",
  );
  for (const each of packages)
    symlinkSync(
      join(packageDirectory, "node_modules", each),
      join(scratch, "package/node_modules", each),
    );
  const index = join(scratch, "package/dist/index.js");
  const args = [index, join(scratch, "store"), join(scratch, "source"), scratch];
  const { exitCode, stdout, stderr } = await runScript(script, args);
  expect([exitCode, stderr]).toEqual([0, ""]);
  const told: Told = JSON.parse(stdout);
  expectAgreement(told);
  expect(told.outcomes.copy).toEqual({ driver: "copy", content: "content\n" });
  for (const name of ["overlayfs", "overlayfs-checkout"] as const)
    expect(problemOf(told, name)).toContain("npm install koffi");
  expect(mountsBelow(scratch)).toEqual([]);
});

function problemOf({ drivers }: Told, name: DriverName): string | undefined {
  return drivers.find((each) => each.name === name)?.problem;
}

/** Fails unless each driver did what the list says of it. */
function expectAgreement({ drivers, outcomes, best }: Told): void {
  for (const { name, problem } of drivers) {
    if (problem === undefined) expect(outcomes[name]).toMatchObject({ driver: name });
    else {
      expect(outcomes[name]).toMatchObject({ error: "CoppiceError", code: "UNSUPPORTED" });
      expect(outcomes[name].message).toContain(problem);
    }
  }
  expect(best.driver).toBe(drivers.find(({ problem }) => problem === undefined)?.name);
}
