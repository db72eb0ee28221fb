/** What a workspace shows, and that its snapshots are what an ordinary capture gives. */
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { compareTrees } from "../../support/compare-trees.js";
import { run } from "../../support/run.js";
import { startScript } from "../../support/script.js";
import { scriptOfChanges, treeChanges } from "../../support/tree-changes.js";
import { makeUglyTree } from "../../support/ugly-tree.js";
import type { Ground, GroundFixture } from "../ground.js";
import {
  changesOf,
  expectCapturedAsCopied,
  expectState,
  inDirectory,
} from "../workspace-fixture.js";
import { editedTree, edits } from "./edits.js";

export function captureContract(ground: Ground): void {
  ground.test("a fork shows the ugly tree, and what is changed in it is captured", async () => {
    const { store, source, fork } = await ground.captured(makeUglyTree);
    const workspace = await fork();
    const { unlike: without } = ground.place;
    expect(await compareTrees(source, workspace.path, { without })).toEqual([]);
    expect(await workspace.snapshot()).toMatchObject({ isUnchanged: true });

    const env = { A: source };
    // XFS has no device numbers as large as that.
    const isThere = existsSync(join(source, "special/large-minor"));
    const changes = treeChanges.filter((each) => isThere || !/large-minor/.test(each.command));
    const script = `${ground.place.beforeAcl ?? ""}\n${scriptOfChanges(changes)}`;
    await run("bash", ["-c", script], { cwd: workspace.path, env });
    await expectCapturedAsCopied(store, workspace);
    const { digest } = workspace.head;
    inDirectory(workspace.path, "rm -rf -- *");
    await workspace.rollback();
    await expectState(store, workspace.path, digest);
  });

  for (const [kind, scripts] of Object.entries(edits))
    ground.test(`${kind}: captured, forked and rolled back`, async () => {
      const fixture = await ground.captured(editedTree);
      for (const [name, script] of Object.entries(scripts))
        await expectKept(fixture, script).catch((error: unknown) => {
          throw new Error(`Lost where ${name}`, { cause: error });
        });
    });

  ground.test("everything is written anew, and nothing changed but the times", async () => {
    const { store, scratch, fork, source } = await ground.captured(editedTree);
    const workspace = await fork();
    // Copied elsewhere and back: other inodes, the same state.
    inDirectory(
      scratch,
      `rsync -aXH --ignore-times --modify-window=-1 ${source}/ ${workspace.path}`,
    );
    await expectCapturedAsCopied(store, workspace);
    expect(await compareTrees(source, workspace.path, { without: ["holes"] })).toEqual([]);
  });

  ground.test("a program that goes on writing through its memory map is not missed", async () => {
    const { store, fork } = await ground.captured("head -c 100000 /dev/zero >mapped");
    const workspace = await fork();
    const file = join(workspace.path, "mapped");
    const script = new URL("../children/write-mapped.py", import.meta.url);
    const program = startScript(script, [file], { command: "python3" });
    const digests = new Set<string>();
    for (let round = 1; round <= 4; round++) {
      // Each time the same page of the map that it has open: the kernel need not tell of it again.
      program.write(`${round}`);
      expect(await program.line()).toBe(`wrote ${round}`);
      expect(readFileSync(file, "utf8").slice(0, 1)).toBe(`${round}`);
      await expectCapturedAsCopied(store, workspace);
      digests.add(workspace.head.digest);
      // Beyond the time in which a file is not trusted anyway.
      await wait(100);
      await workspace.snapshot();
      await wait(100);
    }
    expect(digests.size).toBe(4);
  });

  ground.test("a file is not read again unless something touched it", async () => {
    const { fork } = await ground.captured("for i in {1..20}; do echo $i >$i; done");
    const workspace = await fork();
    // What was written within the clock's granularity before a look at it is not trusted: two of them.
    for (let look = 0; look < 2; look++) {
      await wait(100);
      await workspace.snapshot();
    }
    for (let file = 1; file <= 10; file++)
      appendFileSync(join(workspace.path, String(file)), "more");
    expect((await workspace.snapshot()).filesRead).toBe(10);
    await wait(100);
    await workspace.snapshot();
    await wait(100);
    expect(await workspace.snapshot()).toMatchObject({
      filesRead: 0,
      isUnchanged: true,
      bytesNew: 0,
    });
    writeFileSync(join(workspace.path, "3"), "other");
    expect(await workspace.snapshot()).toMatchObject({ filesRead: 1, isUnchanged: false });
  });

  ground.test("others get their turn while much is read", async () => {
    const { fork } = await ground.captured("echo 1 >1");
    const workspace = await fork();
    writeFileSync(join(workspace.path, "large"), randomBytes(64 * 1024 * 1024));
    for (let file = 0; file < 2_000; file++)
      writeFileSync(join(workspace.path, `small-${file}`), randomBytes(8_192));
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    for await (const change of workspace.changes())
      expect(change.path).toMatch(/^(large|small-[0-9]+|)$/);
    const { bytesRead } = await workspace.snapshot();
    clearInterval(count);
    expect(bytesRead).toBeGreaterThanOrEqual(64 * 1024 * 1024 + 2_000 * 8_192);
    expect(turns).toBeGreaterThan(10);
  });

  ground.test("a snapshot says unchanged where nothing changed, and is the last one", async () => {
    const { store, fork } = await ground.captured(editedTree);
    const workspace = await fork();
    const first = await workspace.snapshot();
    expect(first).toMatchObject({ isUnchanged: true, bytesNew: 0 });
    expect(first.snapshot.id).toBe(workspace.base.id);
    inDirectory(workspace.path, "echo new >new");
    const changed = await workspace.snapshot();
    expect(changed.isUnchanged).toBe(false);
    const again = await workspace.snapshot();
    expect([again.isUnchanged, again.snapshot.id]).toEqual([true, changed.snapshot.id]);
    // A name is a snapshot of its own, of the same state.
    const named = await workspace.snapshot({ name: "named", labels: { why: "asked for" } });
    expect([named.isUnchanged, named.snapshot.digest]).toEqual([true, changed.snapshot.digest]);
    expect(named.snapshot.id).not.toBe(changed.snapshot.id);
    expect(named.snapshot).toMatchObject({ name: "named", parent: changed.snapshot.id });
    await expect(workspace.snapshot({ name: "named" })).rejects.toMatchObject({
      code: "NAME_TAKEN",
    });
    // Changed and changed back: times apart, and these too.
    inDirectory(workspace.path, "touch -r . ../times; rm new; echo new >new; touch -r ../times .");
    const { snapshot } = await workspace.snapshot();
    expect(snapshot.stateDigest).toBe(changed.snapshot.stateDigest);
    expect(await store.get("named")).toMatchObject({ digest: changed.snapshot.digest });
  });

  ground.test(
    "changes() tells what changed since the last snapshot and stores nothing",
    async () => {
      const { store, fork } = await ground.captured(
        "echo 1 >kept; echo 2 >edited; echo 3 >removed; mkdir d; echo 4 >d/moved",
      );
      const workspace = await fork();
      expect(await changesOf(workspace)).toEqual([]);
      inDirectory(
        workspace.path,
        "echo 4 >>edited; rm removed; echo 5 >added; mv d e; chmod 600 kept",
      );
      const before = await store.stats();
      const wanted = [
        "added added",
        "renamed e",
        "modified edited",
        "modified kept",
        "removed removed",
      ];
      const withoutRoot = async () =>
        (await changesOf(workspace)).filter((line) => !line.endsWith(" ."));
      expect((await withoutRoot()).sort()).toEqual(wanted.sort());
      expect(await store.stats()).toEqual(before);
      // Nothing of that look is relied on: its bytes are not stored.
      await expectCapturedAsCopied(store, workspace);
      expect((await workspace.head.readFile("added")).toString()).toBe("5\n");
      expect(await changesOf(workspace)).toEqual([]);
      inDirectory(workspace.path, "rm added");
      expect(await withoutRoot()).toEqual(["removed added"]);
    },
  );
}

/** Fails unless what a script does to a fork is captured, is in its forks and comes back. */
async function expectKept(
  { store, scratch, fork, driver }: GroundFixture,
  script: string,
): Promise<void> {
  const workspace = await fork();
  inDirectory(workspace.path, script);
  await expectCapturedAsCopied(store, workspace);
  const { digest } = workspace.head;
  // A fork has it below; what is done above that is another change.
  const dir = join(scratch, "child");
  const child = await workspace.fork({ dir, driver, durability: "relaxed" });
  await expectState(store, child.path, digest);
  expect(child.head.digest).toBe(digest);
  inDirectory(child.path, above);
  await expectCapturedAsCopied(store, child);
  inDirectory(workspace.path, "rm -rf -- *");
  await workspace.rollback();
  await expectState(store, workspace.path, digest);
  await child.discard();
  await workspace.discard();
}

/** Finds something to change and to move in whatever was left. */
const above =
  "mkdir -p a 2>/dev/null && echo on >a/on || echo on >on; mv d d2 2>/dev/null || mv a a2";
