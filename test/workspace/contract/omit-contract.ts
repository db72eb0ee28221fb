/** Paths that no snapshot of a workspace has. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Snapshot } from "#dist/snapshot/snapshot.js";
import type { Store } from "#dist/store.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import { run } from "../../support/run.js";
import { removeTree } from "../../support/scratch.js";
import type { Ground, GroundFixture } from "../ground.js";
import { changesOf, inDirectory, opened } from "../workspace-fixture.js";
import { editedTree, edits } from "./edits.js";

/** Of the tree, and of what programs put there; a name of several, a directory, one in a directory that is not there. */
const omit = ["a/1", "f/x", "d/e", "a/b/c/3", "d/alone", "new", "not/there"];

export function omitContract(ground: Ground): void {
  for (const [kind, scripts] of Object.entries(edits))
    ground.test(`${kind}: captured as a capture would that leaves the paths out`, async () => {
      const fixture = await ground.captured(editedTree);
      for (const [name, script] of Object.entries(scripts))
        await expectOmitted(fixture, script).catch((error: unknown) => {
          throw new Error(`Wrong where ${name}`, { cause: error });
        });
    });

  ground.test("whoever captures a workspace, or what it lies in, leaves them out", async () => {
    const { store, storeDirectory, scratch, fork } = await ground.captured(
      "mkdir a; echo base >a/key",
    );
    const dir = join(scratch, "in", "workspace");
    mkdirSync(join(scratch, "in"));
    const workspace = await fork({
      dir,
      omit: ["a/key", "a/other", Buffer.from("\xff", "latin1")],
    });
    expect(workspace.omit).toEqual(["a/key", "a/other", Buffer.from("\xff", "latin1")]);
    inDirectory(dir, "echo secret >a/key; echo secret >a/other; echo 1 >1; echo secret >$'\\xff'");
    const names = async (snapshot: Snapshot, path: string) =>
      (await snapshot.readdir(path)).map(({ name }) => name);
    const { snapshot } = await workspace.snapshot();
    expect(await names(snapshot, "a")).toEqual([]);
    expect(await names(snapshot, "")).toEqual(["1", "a"]);
    const { snapshot: captured } = await store.snapshot(dir);
    expect(captured.digest).toBe(snapshot.digest);
    const { snapshot: above } = await store.snapshot(join(scratch, "in"));
    expect(await names(above, "workspace/a")).toEqual([]);
    const { snapshot: within } = await store.snapshot(join(dir, "a"));
    expect(await names(within, "")).toEqual([]);
    // As another process would.
    const other = await opened(storeDirectory);
    const found = await other.workspace(workspace.id);
    inDirectory(dir, "echo 2 >2; echo more >>a/key");
    expect(await changesOf(found)).toEqual(["modified .", "added 2"]);
    expect((await found.snapshot()).snapshot.entryCount).toBe(3);
  });

  ground.test(
    "a fork of a workspace omits what that omits; a rollback brings none back",
    async () => {
      const { store, scratch, fork } = await ground.captured("echo 1 >1");
      const workspace = await fork({ omit: ["key"] });
      writeFileSync(join(workspace.path, "key"), "secret");
      const child = await workspace.fork({
        dir: join(scratch, "child"),
        driver: ground.place.driver,
      });
      expect(readdirSync(child.path)).toEqual(["1"]);
      writeFileSync(join(child.path, "key"), "secret");
      const { stateDigest } = workspace.base;
      expect((await child.snapshot()).snapshot.stateDigest).toBe(stateDigest);
      expect(readFileSync(join(workspace.path, "key"), "utf8")).toBe("secret");
      await workspace.rollback();
      expect(existsSync(join(workspace.path, "key"))).toBe(false);
      writeFileSync(join(workspace.path, "key"), "secret");
      expect((await workspace.snapshot()).snapshot.stateDigest).toBe(stateDigest);
      expect((await store.workspaces()).length).toBe(2);
    },
  );

  ground.test("what is applied leaves them alone in the target", async () => {
    const { source, fork } = await ground.captured("mkdir a; echo base >a/key; echo 1 >1");
    const workspace = await fork({ omit: ["a/key"] });
    inDirectory(workspace.path, "echo secret >a/key; echo 2 >1");
    inDirectory(source, "echo own >a/key");
    const { conflicts } = await workspace.apply(source);
    expect(conflicts).toEqual([]);
    expect(readFileSync(join(source, "a/key"), "utf8")).toBe("own\n");
    expect(readFileSync(join(source, "1"), "utf8")).toBe("2\n");
  });

  ground.test("the root, and what leads out of it, cannot be omitted", async () => {
    const { store, fork } = await ground.captured("echo 1 >1");
    for (const path of ["", "/", ".", "../x", "a/../../x"])
      await expect(fork({ omit: [path] })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await store.workspaces()).toEqual([]);
  });
}

/** Forks, captures before and after a script and once more, and compares each time. */
async function expectOmitted({ store, scratch, fork }: GroundFixture, script: string) {
  const workspace = await fork({ omit });
  await expectAsLeftOut(store, workspace);
  inDirectory(workspace.path, script);
  await expectAsLeftOut(store, workspace);
  inDirectory(
    workspace.path,
    "mkdir -p not; echo 1 >not/there; echo 2 >not/two; [[ -f a ]] || mkdir -p a/b/c; [[ -f a ]] || echo 3 >a/b/c/3",
  );
  await expectAsLeftOut(store, workspace);
  const { digest } = workspace.head;
  expect((await workspace.snapshot()).isUnchanged).toBe(true);
  expect(workspace.head.digest).toBe(digest);
  await workspace.discard();
  expect(readdirSync(scratch)).not.toContain("workspace");
}

async function expectAsLeftOut(store: Store, workspace: Workspace): Promise<void> {
  const copy = `${workspace.path}-copied`;
  await run("cp", ["-a", workspace.path, copy]);
  const { snapshot } = await workspace.snapshot({ durability: "relaxed" });
  const exclude = omit.map((path) => `/${path}`);
  const captured = await store.snapshot(copy, { exclude, durability: "relaxed" });
  const differences: string[] = [];
  for await (const { change, path } of store.diff(captured.snapshot, snapshot))
    differences.push(`${change} ${path}`);
  expect(differences).toEqual([]);
  expect(snapshot.digest).toBe(captured.snapshot.digest);
  await removeTree(copy);
}
