/** Nothing is ever written, changed or removed through a symbolic link in the target. */
import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CoppiceError } from "#dist/model/error.js";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { startChild } from "./child.js";
import { type EditedDirectory, editedDirectory } from "./edited-directory.js";
import { identities, type Listing, lines, listTree } from "./listing.js";

const tree =
  "mkdir -p d/e; echo 1 >d/f; echo 2 >d/e/g; mkfifo d/fifo; ln d/f d/linked; chmod 600 d/f d/e/g";

for (const [what, script] of [
  ["a directory", "rm -r d; ln -s ../outside d"],
  ["a directory below", "rm -r d/e; ln -s ../../outside/e d/e"],
  ["a file", "rm d/f; ln -s ../../outside/f d/f"],
  ["a file, whose mode is to change", "rm d/e/g; ln -s ../../../outside/e/g d/e/g"],
  ["a pipe", "rm d/fifo; ln -s ../../outside/f d/fifo"],
  ["one of the names of a file", "rm d/linked; ln -s ../../outside/f d/linked"],
  ["a missing directory, dangling", "rm -r d; ln -s ../outside/missing d"],
  [
    "new directories, which have to go",
    "mkdir -p new/below; ln -s ../../outside new/below/link; ln -s ../outside also",
  ],
] as const) {
  test(`restore() replaces a link in the place of ${what}, and touches nothing behind it`, async () => {
    const { edited, taken, expectOutside } = await withOutside();
    await edited.edit(script);
    await edited.store.restore(taken, edited.directory);
    expectOutside();
    expect((await edited.snapshot()).digest).toBe(taken.digest);
    // The same with nothing but some paths.
    await edited.edit(script);
    await edited.store.restore(taken, edited.directory, { paths: ["d"] });
    expectOutside();
    expect((await edited.snapshot()).stateDigest === taken.stateDigest).toBe(
      !script.includes("new"),
    );
  });
}

test("restore() follows a link to the target itself, as the caller gave it", async () => {
  const { edited, taken } = await withOutside();
  mkdirSync(join(edited.scratch, "real"));
  symlinkSync("real", join(edited.scratch, "link"));
  await edited.store.restore(taken, join(edited.scratch, "link"));
  expect(readFileSync(join(edited.scratch, "real", "d", "f"), "utf8")).toBe("1\n");
});

test("restore() of a new directory under which a link appears stays inside", async () => {
  const { edited, taken, expectOutside } = await withOutside();
  const target = join(edited.scratch, "target");
  let swapped = false;
  const onProgress = (): void => {
    if (swapped) return;
    swapped = true;
    renameSync(join(target, "d"), join(target, "moved"));
    symlinkSync(join(edited.scratch, "outside"), join(target, "d"));
  };
  const outcome = await edited.store
    .restore(taken, target, { workers: 0, onProgress })
    .catch((error: unknown) => error);
  expect(swapped).toBe(true);
  // What was under way goes where it was meant to go, or nowhere: there is no right end to this.
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CoppiceError);
  expectOutside();
});

testIf(
  "koffi",
  "restore() stays inside while another process swaps its directories for links",
  async () => {
    for (const workers of [0, 2]) {
      const { edited, taken, expectOutside } = await withOutside(
        "mkdir -p d/e; for n in {1..150}; do echo $n >d/$n; echo $n >d/e/$n; done; mkfifo d/fifo",
      );
      const { store, directory, scratch } = edited;
      const swapper = startChild("swap-links", [directory, join(scratch, "outside")]);
      expect(await swapper.line()).toBe("ready");
      const counts: Record<string, number> = {};
      for (let count = 0; count < 30; count++) {
        const outcome = await store
          .restore(taken, directory, { workers, force: true })
          .then(() => "restored")
          .catch((error: unknown) => (error instanceof CoppiceError ? error.code : String(error)));
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        expectOutside();
      }
      await swapper.kill();
      console.log(`Restored while links were swapped in: ${JSON.stringify(counts)}`);
      for (const code of Object.keys(counts)) expect(code).toMatch(/^(restored|[A-Z_]+)$/);
      // Once it is quiet again, it is brought to its end.
      await store.restore(taken, directory, { force: true });
      expect((await edited.snapshot()).digest).toBe(taken.digest);
      expectOutside();
    }
  },
);

interface WithOutside {
  readonly edited: EditedDirectory;
  readonly taken: Snapshot;
  /** Fails when anything outside was touched. */
  expectOutside(): void;
}

/** A captured directory, and beside it another one with the same names in it. */
async function withOutside(script: string = tree): Promise<WithOutside> {
  const edited = await editedDirectory(script);
  const outside = join(edited.scratch, "outside");
  await run("cp", ["-a", join(edited.directory, "d"), outside]);
  await run(
    "bash",
    ["-euc", "find . -type f -exec sh -c 'echo outside >\"$1\"' sh {} \\;; chmod -R u+w ."],
    { cwd: outside },
  );
  const taken = await edited.snapshot();
  const before = outsideOf(outside);
  return { edited, taken, expectOutside: () => expect(outsideOf(outside)).toEqual(before) };
}

function outsideOf(directory: string): unknown {
  const listing: Listing = listTree(directory);
  return [lines(listing), identities(directory), statSync(directory).nlink];
}
