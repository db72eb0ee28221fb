/** Applying a workspace to an ordinary directory: what comes of it beside what is merged. */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { testIf } from "../tooling/test-if.js";
import { expectConflicts, forkedFrom, seen, told } from "./apply-fixture.js";
import { needs } from "./workspace-fixture.js";

testIf(needs, "what a workspace added is applied, also where some names are left out", async () => {
  const { workspace, source, edit } = await forkedFrom("echo 1 >f; echo 1 >f.log");
  edit("mkdir -p new/deep; echo 2 >new/deep/g; echo 2 >new/g.log; rm f.log");
  await workspace.apply(source, { exclude: ["*.log"] });
  expect(readFileSync(join(source, "new/deep/g"), "utf8")).toBe("2\n");
  expect(readdirSync(join(source, "new"))).toEqual(["deep"]);
  expect(readdirSync(source)).toEqual(["f", "f.log", "new"]);
});

testIf(
  needs,
  "undo captures the target first, and only where something is to be done",
  async () => {
    const { workspace, source, store, edit, editTarget } = await forkedFrom("echo 1 >f; echo 1 >g");
    edit("echo theirs >f; rm g; mkdir n; echo n >n/n");
    editTarget("echo own >own");
    const before = seen(source);
    const { undo, snapshot, base } = await workspace.apply(source, { undo: true });
    expect(undo?.labels).toEqual({ undo: snapshot.id });
    expect([snapshot.id, base.name]).toEqual([workspace.head.id, "base"]);
    const count = (await store.snapshots()).length;
    expect((await workspace.apply(source, { undo: true })).undo).toBeUndefined();
    expect((await store.snapshots()).length).toBe(count);
    await store.restore(undo?.id ?? "", source);
    expect(seen(source)).toEqual(before);
    // A conflict leaves no snapshot behind.
    editTarget("echo mine >f");
    await expect(workspace.apply(source, { undo: true })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect((await store.snapshots()).length).toBe(count);
  },
);

describe("the base", () => {
  testIf(needs, "is what was captured of the target, however many forks ago", async () => {
    const { workspace, store, scratch, source, edit } = await forkedFrom("echo 1 >f; echo 1 >g");
    edit("echo first >f");
    const second = await workspace.fork({ dir: join(scratch, "second") });
    writeFileSync(join(second.path, "g"), "second\n");
    await second.snapshot();
    await second.rollback();
    const { base } = await second.apply(source);
    expect(base.id).toBe((await store.get("base")).id);
    expect(readFileSync(join(source, "f"), "utf8")).toBe("first\n");
    expect(readFileSync(join(source, "g"), "utf8")).toBe("second\n");
  });

  testIf(needs, "can be an earlier state of the workspace, where that was applied", async () => {
    const { workspace, source, edit, editTarget } = await forkedFrom("echo 1 >f; echo 1 >g");
    edit("echo first >f");
    const { snapshot } = await workspace.apply(source);
    editTarget("echo 'first, and mine' >f");
    edit("echo second >g");
    await expect(workspace.apply(source)).rejects.toMatchObject({ code: "CONFLICT" });
    const report = await workspace.apply(source, { since: snapshot });
    expect([told(report), report.base.id]).toEqual([[], snapshot.id]);
    editTarget("grep mine f; grep second g");
  });
});

describe("what a capture left out", () => {
  testIf(needs, "is left alone, also where the workspace has some", async () => {
    const { store, scratch, source } = await forkedFrom("touch nothing");
    execFileSync("bash", [
      "-euc",
      "cd $0; printf 'build/\\nlog\\n' >.gitignore; mkdir build; echo own >build/own; echo 1 >f",
      source,
    ]);
    const { snapshot } = await store.snapshot(source, { gitignore: true });
    const workspace = await store.fork(snapshot, { dir: join(scratch, "other") });
    execFileSync("bash", [
      "-euc",
      "cd $0; mkdir -p build d/build; echo x >build/x; echo x >d/build/x; echo x >d/x; echo x >log; echo 2 >f",
      workspace.path,
    ]);
    expect(told(await workspace.apply(source))).toEqual([]);
    const lines = seen(source, { without: ["mtimeNs", "content", "mode", "owner"] });
    expect(lines).toEqual([
      ". directory",
      ".gitignore file",
      "build directory",
      "build/own file",
      "d directory",
      "d/x file",
      "f file",
      "nothing file",
    ]);
    // Told otherwise, all of it is looked at.
    const report = await workspace.apply(source, { gitignore: false });
    expect(report.actions).toMatchObject({ create: 3, mkdir: 1 });
    expect(readFileSync(join(source, "build", "own"), "utf8")).toBe("own\n");
  });

  testIf(needs, "can be told", async () => {
    const { workspace, source, edit } = await forkedFrom("echo 1 >f");
    edit("echo 2 >f; mkdir -p a/cache; echo x >a/cache/x; echo x >a/x");
    await workspace.apply(source, { exclude: ["cache"] });
    expect(readdirSync(join(source, "a"))).toEqual(["x"]);
  });
});

testIf(needs, "what no scan sees is not overwritten: a socket, a store, a workspace", async () => {
  const fixture = await forkedFrom("mkdir in");
  const { workspace, source, store: first } = fixture;
  const server = createServer().listen(join(source, "in", "socket"));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const other = await Store.open(join(source, "in", "store"));
  onTestFinished(() => other.close());
  const inside = await first.fork("base", { dir: join(source, "in", "attempt") });
  fixture.edit("cd in; echo 1 >socket; mkdir store attempt; echo x >store/x; echo 1 >free");
  await expectConflicts(fixture, ["added in/attempt", "added in/socket", "added in/store"]);
  const report = await workspace.apply(source, { onConflict: "skip" });
  expect(report.actions).toMatchObject({ create: 1, mkdir: 0, replace: 0 });
  expect(lstatSync(join(source, "in", "socket")).isSocket()).toBe(true);
  expect(existsSync(join(source, "in", "store", "catalog.sqlite"))).toBe(true);
  await inside.discard();
});

testIf(needs, "a target that changes after it was looked at is looked at again", async () => {
  const { workspace, source, edit } = await forkedFrom("echo 1 >f; echo 1 >g; echo 1 >h");
  edit("echo theirs >f; rm g; echo theirs >h");
  let scans = 0;
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "scan") scans++;
  };
  await workspace.apply(source, { plan: true, onProgress });
  const perScan = scans;
  scans = 0;
  // At the last word of the first scan everything was read.
  const change = ({ phase }: { phase: string }): void => {
    if (phase === "scan" && ++scans === perScan) writeFileSync(join(source, "f"), "meanwhile");
  };
  await expect(workspace.apply(source, { onProgress: change })).rejects.toMatchObject({
    code: "CONFLICT",
    conflicts: [{ path: "f", kind: "content" }],
  });
  expect(scans).toBe(2 * perScan);
  expect(readFileSync(join(source, "f"), "utf8")).toBe("meanwhile");
  expect(existsSync(join(source, "g"))).toBe(true);
});

testIf(needs, "a target that does not come to rest is refused", async () => {
  const { workspace, source, edit } = await forkedFrom("echo 1 >f");
  edit("rm f");
  let count = 0;
  const onProgress = (): void => {
    // Touched, not changed: no conflict, but not what was looked at either.
    execFileSync("touch", ["-d", `@${count++}`, join(source, "f")]);
  };
  await expect(workspace.apply(source, { onProgress })).rejects.toMatchObject({
    code: "UNREADABLE",
    path: source,
  });
  expect(existsSync(join(source, "f"))).toBe(true);
});

testIf(
  needs,
  "targets are refused where applying would do harm, and nothing is captured",
  async () => {
    const { workspace, source, scratch, storeDirectory, store, edit } =
      await forkedFrom("echo 1 >f");
    edit("mkdir below");
    const count = (await store.snapshots()).length;
    const refusals: readonly (readonly [string, string])[] = [
      [join(scratch, "missing"), "NOT_FOUND"],
      [join(source, "f"), "NOT_A_DIRECTORY"],
      [storeDirectory, "INVALID_ARGUMENT"],
      [join(storeDirectory, "packs"), "INVALID_ARGUMENT"],
      [workspace.path, "INVALID_ARGUMENT"],
      [join(workspace.path, "below"), "INVALID_ARGUMENT"],
    ];
    for (const [target, code] of refusals)
      await expect(workspace.apply(target)).rejects.toMatchObject({ code });
    await expect(workspace.apply(source, { onConflict: "ask" as never })).rejects.toThrow(
      TypeError,
    );
    await expect(workspace.apply(source, { workers: -1 })).rejects.toThrow(RangeError);
    await expect(workspace.apply(source, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect((await store.snapshots()).length).toBe(count);
  },
);

testIf(needs, "one workspace can be applied to another", async () => {
  const { workspace, store, edit } = await forkedFrom("echo 1 >f; echo 1 >g");
  const other = await store.fork("base");
  edit("echo theirs >f");
  writeFileSync(join(other.path, "g"), "mine\n");
  await workspace.apply(other.path);
  expect(readFileSync(join(other.path, "f"), "utf8")).toBe("theirs\n");
  expect(readFileSync(join(other.path, "g"), "utf8")).toBe("mine\n");
  await other.discard();
});

testIf(needs, "what was aborted is brought to its end by applying again", async () => {
  const { workspace, source, edit, store } = await forkedFrom("mkdir d; echo 1 >d/f");
  edit("for i in {1..30}; do mkdir d/$i; touch d/$i/{1..50}; chmod 2775 d/$i; done; rm d/f");
  const abort = new AbortController();
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "restore") abort.abort();
  };
  const options = { signal: abort.signal, onProgress, workers: 0 };
  await expect(workspace.apply(source, options)).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(join(source, "d")).length).toBeLessThan(30);
  const { snapshot, conflicts } = await workspace.apply(source);
  expect(conflicts).toEqual([]);
  expect((await store.snapshot(source)).snapshot.stateDigest).toBe(snapshot.stateDigest);
});
