import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
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
    const { stdout, stderr } = await run(process.execPath, [DEMO, source], {
      env: { TMPDIR: temporary },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("Everything was restored as it was.");
    expect(stdout.match(/diff and find see no difference/g)).toHaveLength(3);
    expect(stdout).toContain("7 changes");
    expect(stdout).not.toContain("\u001b");
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
