/** The ugly tree through the engine and back, compared by the system's own tools. */
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/store.js";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { scriptOfChanges, treeChanges } from "../support/tree-changes.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";

const wholeTree: readonly CapabilityName[] = ["root", "devices", "acl", "xattr", "tools", "koffi"];

for (const workers of [0, 2]) {
  testIf(
    wholeTree,
    `the ugly tree is restored to a new directory with ${workers} threads`,
    async () => {
      const { store, source, scratch } = await uglyTree();
      const { snapshot, report } = await store.snapshot(source, { workers });
      expect(report.skipped).toEqual({
        count: 1,
        paths: [{ path: "special/socket", reason: "socket" }],
      });
      expect([report.unreadable.count, report.changed.count, report.limits]).toEqual([0, 0, []]);
      expect(report.workers).toBe(workers);
      const target = join(scratch, "target");
      const { limits, kept } = await store.restore(snapshot, target, { workers });
      expect([limits, kept]).toEqual([[], []]);
      expect(await compareTrees(source, target)).toEqual(["- kind ./special/socket: s"]);
      const again = await store.snapshot(target, { workers });
      expect(again.snapshot.digest).toBe(snapshot.digest);
      expect(again.report.bytesNew).toBeLessThan(1_000);
    },
  );

  testIf(
    wholeTree,
    `every kind of damage to it is undone in place with ${workers} threads`,
    async () => {
      const { store, source, scratch } = await uglyTree();
      const { snapshot } = await store.snapshot(source, { workers });
      const damaged = join(scratch, "damaged");
      await run("cp", ["-a", source, damaged]);
      await run("bash", ["-c", scriptOfChanges(treeChanges)], { cwd: damaged, env: { A: source } });
      expect((await compareTrees(source, damaged)).length).toBeGreaterThan(treeChanges.length);
      const before = await inodesOf(damaged);

      const report = await store.restore(snapshot, damaged, { workers, force: true });
      // What a hole is made of is no part of a snapshot: bytes that are equal are not written again.
      expect(await compareTrees(source, damaged)).toEqual([
        expect.stringMatching(/^- holes .\/sparse\/hole-in-middle:/),
      ]);
      const kept = [...(await inodesOf(damaged))].filter(
        ([path, inode]) => before.get(path) === inode,
      );
      expect(before.size - kept.length).toBeLessThanOrEqual(treeChanges.length);
      expect(report.actions.mkdir).toBe(0);
      // The socket was never captured: it is the directory's own.
      expect(kept.map(([path]) => path)).toContain("./special/socket");

      const again = await store.restore(snapshot, damaged, { workers, plan: true });
      expect(again.changes).toEqual([]);
    },
  );
}

testIf(wholeTree, "each damage to the ugly tree is undone alone", async () => {
  const { store, source, scratch } = await uglyTree();
  const { snapshot } = await store.snapshot(source);
  const damaged = join(scratch, "damaged");
  await store.restore(snapshot, damaged);
  const keep = 'keep() { local path; for path; do touch -h -r "$A/$path" "$path"; done; }';
  for (const { command } of treeChanges.filter(({ found }) => !found[0]!.includes("holes"))) {
    await run("bash", ["-euc", `${keep}\n${command}`], { cwd: damaged, env: { A: source } });
    const report = await store.restore(snapshot, damaged);
    const { snapshot: again } = await store.snapshot(damaged, { durability: "relaxed" });
    expect([command, again.digest]).toEqual([command, snapshot.digest]);
    expect([command, report.changes.length]).not.toEqual([command, 0]);
  }
  expect(await compareTrees(source, damaged)).toEqual(["- kind ./special/socket: s"]);
});

testIf(
  wholeTree,
  "the ugly tree is the same state in a store that knows it and in a new one",
  async () => {
    const { store, source, scratch } = await uglyTree();
    const { snapshot: first } = await store.snapshot(source);
    const { snapshot: second } = await store.snapshot(source);
    const other = await Store.open(join(scratch, "other"));
    const { snapshot: third } = await other.snapshot(source, { workers: 0 });
    await other.close();
    expect([second.digest, third.digest]).toEqual([first.digest, first.digest]);
  },
);

async function uglyTree(): Promise<{ store: Store; source: string; scratch: string }> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  await makeUglyTree(source, { withSocket: true });
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  return { store, source, scratch };
}

/** Returns the inode of each path, as find(1) prints them. */
async function inodesOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const { stdoutBytes } = await run("find", [".", "-printf", "%p\\t%i\\0"], { cwd: directory });
  const records = stdoutBytes.toString("latin1").split("\0").filter(Boolean);
  return new Map(
    records.map((record) => [
      record.slice(0, record.lastIndexOf("\t")),
      record.slice(record.lastIndexOf("\t")),
    ]),
  );
}
