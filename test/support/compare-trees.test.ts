/**
 * The comparison is what other tests trust: it must see every kind of difference, and none where
 * there is none.
 */

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { compareTrees } from "./compare-trees.js";
import { run } from "./run.js";
import { removeTree, scratchDirectory } from "./scratch.js";
import { scriptOfChanges, treeChanges } from "./tree-changes.js";
import { makeUglyTree } from "./ugly-tree.js";

const wholeTree: readonly CapabilityName[] = ["root", "devices", "acl", "xattr", "tools"];

testIf(
  wholeTree,
  "compareTrees() finds nothing between a tree and what cp -a makes of it",
  async () => {
    const directory = scratchDirectory();
    const [source, copy] = [join(directory, "source"), join(directory, "copy")];
    await makeUglyTree(source, { withSocket: true });
    await run("cp", ["-a", source, copy]);
    expect(await compareTrees(source, copy)).toEqual([]);
  },
);

testIf(wholeTree, "compareTrees() finds each kind of difference and no other", async () => {
  const directory = scratchDirectory();
  const [source, copy] = [join(directory, "source"), join(directory, "copy")];
  await makeUglyTree(source);
  await run("cp", ["-a", source, copy]);
  await run("bash", ["-c", scriptOfChanges(treeChanges)], { cwd: copy, env: { A: source } });

  const found = await compareTrees(source, copy);
  const expected = treeChanges.flatMap((change) => change.found);
  expect(found.filter((line) => !expected.some((pattern) => matches(line, pattern)))).toEqual([]);
  expect(expected.filter((pattern) => !found.some((line) => matches(line, pattern)))).toEqual([]);
  expect(found).toHaveLength(expected.length);

  const without = await compareTrees(source, copy, {
    without: ["root", "content", "times", "holes"],
  });
  expect(without).toEqual(found.filter((line) => !/^. (content|times|holes|\w+ \.:)/.test(line)));
});

testIf("tools", "compareTrees() throws when a tree cannot be read", async () => {
  const missing = join(scratchDirectory(), "missing");
  await expect(compareTrees(missing, missing)).rejects.toThrow("missing is not a directory");
});

testIf(
  ["root", "tools"],
  "makeUglyTree() says what an ordinary user cannot make, and makes the rest",
  async () => {
    const directory = scratchDirectory();
    await run("chmod", ["0777", directory]);
    for (const script of ["ugly-tree.sh", "compare-trees.sh"]) {
      copyFileSync(new URL(script, import.meta.url), join(directory, script));
    }
    const { stdout } = await run(
      "setpriv",
      [
        ...["--reuid=65534", "--regid=65534", "--clear-groups"],
        ...["bash", "-euc", "bash ugly-tree.sh a; cp -a a b; bash compare-trees.sh a b"],
      ],
      { cwd: directory },
    );
    expect(stdout).toMatch(/^left out: devices \(needs root\)$/m);
    expect(stdout).toMatch(/^left out: other owners \(needs root\)$/m);
    expect(stdout).not.toMatch(/^[-+] /m);
  },
);

test("removeTree() removes names that are not text and directories that nobody may read", async () => {
  const directory = scratchDirectory();
  const script = String.raw`mkdir -p a/$'\xff'/b; touch a/$'\xff'/b/file; chmod -R 0 a`;
  await run("bash", ["-euc", script], { cwd: directory });
  await removeTree(join(directory, "a"));
  expect((await run("ls", ["-A", directory])).stdout).toBe("");
});

/** Whether a line is the pattern, in which a star stands for any text. */
function matches(line: string, pattern: string): boolean {
  const parts = pattern
    .split("*")
    .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`).test(line);
}
