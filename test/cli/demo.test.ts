import { linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";

const DEMO = fileURLToPath(new URL("../../bench/demo/demo.mjs", import.meta.url));

testIf(
  "tools",
  "the demo finds every restored directory equal and leaves nothing behind",
  async () => {
    const scratch = scratchDirectory();
    const source = join(scratch, "source");
    const temporary = join(scratch, "temporary");
    mkdirSync(join(source, "deep"), { recursive: true });
    mkdirSync(temporary);
    for (let index = 0; index < 20; index++) {
      writeFileSync(join(source, "deep", `${index}.txt`), `${index}\n`.repeat(index + 1));
    }
    // Package managers link files into a store of their own: which names lie outside is not kept.
    linkSync(join(source, "deep", "1.txt"), join(scratch, "outside.txt"));
    linkSync(join(source, "deep", "2.txt"), join(source, "deep", "second-name.txt"));
    const { stdout, stderr } = await run(process.execPath, [DEMO, source], {
      env: { TMPDIR: temporary },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("Everything was restored as it was.");
    expect(stdout.match(/diff and find see no difference/g)).toHaveLength(5);
    expect(stdout).toContain("7 changes");
    // One edit in each of eight forks; the directory with three files counts four times.
    expect(stdout).toContain("11 changes");
    expect(stdout).toMatch(/by driver (overlayfs|overlayfs-checkout|clone|copy)$/m);
    expect(stdout).not.toContain("\u001b");
    // On a terminal of 80 columns nothing wraps but paths.
    const wide = stdout.split("\n").filter((line) => line.length > 80 && !line.includes(scratch));
    expect(wide).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

test("the demo tells when its directory is missing", async () => {
  const temporary = scratchDirectory();
  const args = [DEMO, join(temporary, "missing")];
  const { exitCode, stderr } = await run(process.execPath, args, {
    env: { TMPDIR: temporary },
    allowFailure: true,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("missing");
  expect(readdirSync(temporary)).toEqual([]);
});
