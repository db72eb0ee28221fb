/** diff() says exactly what leads from one snapshot to the other. */
import { expect, test } from "vitest";
import type { Change } from "#dist/snapshot/diff.js";
import { testIf } from "../tooling/test-if.js";
import { applyChanges, entriesOf, entryLines } from "./apply-changes.js";
import { diffOf, editedDirectory } from "./edited-directory.js";
import { forAllTrees } from "./for-all-trees.js";

testIf("byte-names", "diff(a, b) applied to a gives b, and diff(a, a) is empty", async () => {
  await forAllTrees(
    async (world, edit) => {
      const { store, directory } = world;
      const { snapshot: a } = await store.snapshot(directory, { durability: "relaxed" });
      edit?.(world);
      const { snapshot: b } = await store.snapshot(directory, { durability: "relaxed" });
      for (const [from, to] of [
        [a, b],
        [b, a],
        [a, a],
      ] as const) {
        const changes = await diffOf(store, from, to);
        const result = applyChanges(await entriesOf(from), changes);
        expect(entryLines(result)).toEqual(entryLines(await entriesOf(to)));
        if (from.digest === to.digest) expect(changes).toEqual([]);
        const paths = changes.map((change) => pathOf(change).toString("latin1"));
        expect(paths).toEqual([...paths].sort());
      }
    },
    { rounds: 2, runs: 20 },
  );
});

test("diff() tells a file of the same content as renamed, once for each name that went", async () => {
  const changes = await changesOf("echo moved >a; echo other >keep", "mv a b; cp -p b c");
  expect(changes).toEqual([". modified: times", "a -> b renamed:", "c added"]);
});

test("diff() tells a renamed directory as one change", async () => {
  const changes = await changesOf("mkdir -p d/e; echo 1 >d/e/f; echo 2 >d/g", "mkdir n; mv d n/d");
  expect(changes).toEqual([". modified: times", "n added", "d -> n/d renamed:"]);
});

test("diff() tells a directory of which something else came out as added and removed", async () => {
  const changes = await changesOf("mkdir d; echo 1 >d/f; echo 2 >d/g", "mv d/g g; mv d d2");
  expect(changes).toEqual([
    ". modified: times",
    "d removed",
    "d2 added",
    "d/f -> d2/f renamed:",
    "d/g -> g renamed:",
  ]);
});

test("diff() tells another kind under the same name, and what was below it", async () => {
  const script = "rm -r d; echo file >d; rm f; mkdir f; echo new >f/below; rm l; ln -s f l";
  const changes = await changesOf("mkdir d; echo 1 >d/below; echo 2 >f; ln -s d l", script);
  expect(changes).toEqual([
    ". modified: times",
    "d type-changed",
    "d/below removed",
    "f type-changed",
    "f/below added",
    "l modified: target times",
  ]);
});

test("diff() names each aspect that changed", async () => {
  const changes = await changesOf(
    "for f in content mode times both; do echo 1 >$f; done; mkdir d",
    `keep() { touch -r $1 ../stamp; "\${@:2}"; touch -r ../stamp $1; }
     keep content bash -c 'echo 2 >content'; chmod 600 mode; touch -d @5 times; echo 3 >both
     chmod 700 d both; touch -d @7 both`,
  );
  expect(changes).toEqual([
    "both modified: content mode times",
    "content modified: content",
    "d modified: mode",
    "mode modified: mode",
    "times modified: times",
  ]);
});

testIf("root", "diff() tells other owners", async () => {
  const changes = await changesOf("echo 1 >f; ln -s f l", "chown 12345 f; chown -h :54321 l");
  expect(changes).toEqual(["f modified: owner", "l modified: owner"]);
});

testIf(["koffi", "xattr"], "diff() tells other extended attributes", async () => {
  const changes = await changesOf("touch f g", "setfattr -n user.a -v 1 f");
  expect(changes).toEqual(["f modified: xattrs"]);
});

test("diff() tells names that became one file, or ceased to be, though every entry is equal", async () => {
  const changes = await changesOf(
    "echo 1 >a; cp -p a b; echo 2 >c; ln c d; touch -d @9 .",
    "ln -f a b; cp -p d e; mv e d; touch -d @9 .",
  );
  expect(changes).toEqual([
    "a modified: links",
    "b modified: links",
    "c modified: links",
    "d modified: links",
  ]);
});

testIf("byte-names", "diff() keeps names apart that look alike once decoded", async () => {
  const changes = await changesOf(
    String.raw`echo 1 >$'\xff'; echo 2 >$'\xfe'; touch -d @9 $'\xff' $'\xfe' .`,
    String.raw`echo 3 >$'\xff'; ln $'\xfe' two; touch -d @9 $'\xff' .`,
  );
  expect(changes).toEqual(["two added", "\xfe modified: links", "\xff modified: content"]);
});

/** Returns what changes between the states that two scripts make, as lines. */
async function changesOf(before: string, after: string): Promise<string[]> {
  const { store, edit, snapshot } = await editedDirectory(before);
  const a = await snapshot();
  await edit(after);
  return (await diffOf(store, a, await snapshot())).map(describe);
}

function describe(change: Change): string {
  const path = pathOf(change).toString("latin1") || ".";
  const from =
    change.change === "renamed" ? `${change.before.pathBytes.toString("latin1")} -> ` : "";
  const aspects = "aspects" in change ? `: ${[...change.aspects].sort().join(" ")}`.trimEnd() : "";
  return `${from}${path} ${change.change}${aspects}`;
}

function pathOf(change: Change): Buffer {
  return change.change === "removed" ? change.before.pathBytes : change.after.pathBytes;
}
