/** What a store makes is for its owner alone, and its owner can use it, whatever the umask is. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { checkStore } from "#dist/cli/doctor/check-store.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { runScript } from "../support/script.js";
import { testIf } from "../tooling/test-if.js";

/** What is below these has the modes that captured files have. */
const SHOWS_FILES = ["checkouts", "mounts", "trash", "workspaces"];
const script = new URL("children/use-store.mjs", import.meta.url);

/** Yields the paths of a store, except what shows files. */
function* pathsOf(directory: string, above = directory): Generator<string> {
  yield above;
  if (!lstatSync(above).isDirectory() || SHOWS_FILES.includes(relative(directory, above))) return;
  for (const name of readdirSync(above)) yield* pathsOf(directory, join(above, name));
}

async function modesUnder(umask: string, uid: number | undefined): Promise<void> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  mkdirSync(source);
  writeFileSync(join(source, "small"), "small");
  writeFileSync(join(source, "large"), Buffer.alloc(200_000, "large "));
  if (uid !== undefined) for (const path of [scratch, source]) chownSync(path, uid, uid);
  chmodSync(scratch, 0o755);
  const directory = join(scratch, "above/store");
  const image = join(scratch, "image.erofs");
  const { stderr, exitCode } = await runScript(script, [directory, source, image, umask], {
    ...(uid !== undefined && { uid }),
  });
  expect([stderr, exitCode]).toEqual(["", 0]);
  const paths = [join(scratch, "above"), ...pathsOf(directory), image];
  expect(paths.length).toBeGreaterThan(10);
  for (const path of paths) {
    const stat = lstatSync(path);
    expect([path, stat.mode & 0o7777]).toEqual([path, stat.isDirectory() ? 0o700 : 0o600]);
  }
}

test("under a umask that takes nothing", () => modesUnder("0", undefined));
test("under a umask that takes everything", () => modesUnder("777", undefined));
testIf("root", "of a user who is not root, under a umask that takes nothing", () =>
  modesUnder("0", 12_345),
);
testIf("root", "of a user who is not root, under a umask that takes everything", () =>
  modesUnder("777", 12_345),
);

test("doctor tells what others may use, and the chmod that ends it", async () => {
  const directory = join(scratchDirectory(), "a store");
  await (await Store.open(directory)).close();
  const check = () => checkStore(directory).find(({ name }) => name === "permissions")!;
  expect(check().status).toBe("ok");
  chmodSync(join(directory, "packs"), 0o750);
  expect(check()).toMatchObject({ status: "warning", remedy: `chmod -R go= '${directory}'` });
  // What is shown in it has the modes of captured files, which are none of the doctor's business.
  mkdirSync(join(directory, "workspaces"), { mode: 0o700 });
  expect(check().remedy).toBe(`chmod go= '${directory}/packs'`);
  chmodSync(directory, 0o755);
  expect(check().remedy).toBe(`chmod go= '${directory}'`);
});
