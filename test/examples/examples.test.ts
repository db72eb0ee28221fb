/**
 * Programs in the documentation do what it says they do. Those of a page run one after another in one directory.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { patternOf, readExamples, withoutChance } from "./read-examples.js";

const PACKAGE = join(import.meta.dirname, "../..");

/** The pages, and how many programs each has: one that is not found would be one that is not run. */
const PAGES = {
  "README.md": 4,
  "src/profile/README.md": 1,
  "src/registry/README.md": 1,
  "src/sandbox/README.md": 3,
  "src/traces/README.md": 1,
};

for (const [page, count] of Object.entries(PAGES)) {
  testIf(["overlay", "erofs"], `the programs in ${page} print what it says`, async () => {
    const examples = readExamples(join(PACKAGE, page));
    expect(examples).toHaveLength(count);
    const directory = scratchDirectory();
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(PACKAGE, join(directory, "node_modules/coppice"));
    for (const { program, output } of examples) {
      writeFileSync(join(directory, "program.mjs"), program);
      const { stdout } = await run("node", ["program.mjs"], { cwd: directory });
      expect(withoutChance(stdout, directory)).toMatch(patternOf(output));
    }
  });
}
