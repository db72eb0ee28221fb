/** How workspaces come, stay and go. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { lines, listTree } from "../../engine/listing.js";
import type { Ground } from "../ground.js";
import { changesOf, expectState, inDirectory, leftovers, opened } from "../workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

export function lifecycleContract(ground: Ground): void {
  const { driver } = ground.place;

  ground.test("nothing is left once it is discarded", async () => {
    const { store, scratch, storeDirectory, source, fork } = await ground.captured(small);
    const dir = join(scratch, "not", "there", "yet");
    const workspace = await fork({ dir, name: "attempt" });
    const { id, path, name, base, head } = workspace;
    expect({ path, name, driver: workspace.driver }).toEqual({
      path: dir,
      name: "attempt",
      driver,
    });
    expect(base.id).toBe(head.id);
    expect(lines(listTree(dir))).toEqual(lines(listTree(source)));
    expect(await store.workspaces()).toMatchObject([
      { id, path: dir, name: "attempt", driver, base: base.id, head: base.id },
    ]);
    inDirectory(dir, "echo x >x; rm -r a");
    await workspace.snapshot();
    await workspace.discard();
    expect(existsSync(dir)).toBe(false);
    expect(readdirSync(join(scratch, "not", "there"))).toEqual([]);
    expect(await store.workspaces()).toEqual([]);
    await expect(store.workspace(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const use of [
      () => workspace.snapshot(),
      () => workspace.rollback(),
      () => workspace.fork(),
      () => workspace.changes().next(),
    ])
      await expect(use()).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(() => workspace.head).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    await workspace.discard();
    await store.close();
    expect(leftovers({ scratch, storeDirectory })).toEqual([]);
    // Its name and its directory are free again.
    const again = await opened(storeDirectory);
    await (await fork({ dir, name: "attempt" }, again)).discard();
  });

  ground.test("one without a directory of its own is made in the store", async () => {
    const { store, scratch, storeDirectory, source } = await ground.captured(small);
    const workspace = await store.fork("base", { driver });
    expect(workspace.path.startsWith(`${storeDirectory}/`)).toBe(true);
    expect(lines(listTree(workspace.path))).toEqual(lines(listTree(source)));
    await store.discard(workspace.path);
    await store.close();
    expect(leftovers({ scratch, storeDirectory })).toEqual([]);
  });

  ground.test("several are forked at once, each with its own result", async () => {
    const { store, scratch, fork } = await ground.captured(small);
    const dir = join(scratch, "many");
    mkdirSync(join(`${dir}-3`, "taken"), { recursive: true });
    const results = await store.fork("base", { dir, driver, name: "n", count: 5 });
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(results[2]).toMatchObject({ reason: { code: "TARGET_NOT_EMPTY", path: `${dir}-3` } });
    expect((await store.workspaces()).map(({ path, name }) => `${path} ${name}`).sort()).toEqual(
      [1, 2, 4, 5].map((index) => `${dir}-${index} n-${index}`),
    );
    for (const count of [-1, 1.5, Number.NaN])
      await expect(store.fork("base", { driver, count })).rejects.toThrow(RangeError);
    await fork();
    for (const { path } of await store.workspaces()) await store.discard(path);
  });

  ground.test("it is found again by another handle, which knows nothing of the first", async () => {
    const { store, storeDirectory, fork } = await ground.captured(small);
    const first = await fork({ name: "kept" });
    const { path, id } = first;
    writeFileSync(join(path, "2"), "other");
    const { snapshot } = await first.snapshot();
    writeFileSync(join(path, "new"), "later");
    await store.close();
    expect(readFileSync(join(path, "new"), "utf8")).toBe("later");

    const again = await opened(storeDirectory);
    for (const key of [id, "kept", path]) {
      const workspace = await again.workspace(key);
      expect(workspace).toMatchObject({ id, path, driver, name: "kept" });
      expect(workspace.head.id).toBe(snapshot.id);
    }
    const workspace = await again.workspace("kept");
    expect(await changesOf(workspace)).toContain("added new");
    await workspace.rollback();
    expect(readFileSync(join(path, "2"), "utf8")).toBe("other");
    expect(existsSync(join(path, "new"))).toBe(false);
    await workspace.discard();
  });

  ground.test("two handles work on one workspace by turns", async () => {
    const { store, storeDirectory, fork } = await ground.captured(small);
    const first = await fork();
    const second = await (await opened(storeDirectory)).workspace(first.path);
    writeFileSync(join(first.path, "1"), "by the first");
    const one = await first.snapshot();
    // The other one's last snapshot is this one's: nothing changed since.
    expect(await second.snapshot()).toMatchObject({ isUnchanged: true });
    expect(second.head.id).toBe(one.snapshot.id);
    writeFileSync(join(first.path, "2"), "by the second");
    const two = await second.snapshot();
    expect(two.snapshot.parent).toBe(one.snapshot.id);
    writeFileSync(join(first.path, "2"), "lost");
    await first.rollback();
    expect(readFileSync(join(first.path, "2"), "utf8")).toBe("by the second");
    await expectState(store, first.path, two.snapshot.digest);
    await second.restore(await store.get("base"));
    expect(await first.snapshot()).toMatchObject({ isUnchanged: true });
    expect(first.head.digest).toBe((await store.get("base")).digest);
    await second.discard();
    await expect(first.snapshot()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  ground.test("snapshots that a workspace stands on are not removed", async () => {
    const { store, fork } = await ground.captured(small);
    const workspace = await fork();
    writeFileSync(join(workspace.path, "new"), "x");
    const { snapshot } = await workspace.snapshot();
    for (const each of ["base", snapshot.id])
      await expect(store.remove(each, { reparent: true })).rejects.toMatchObject({
        code: "IN_USE",
        message: expect.stringContaining(workspace.path),
      });
    await workspace.discard();
    await store.remove(snapshot);
    await store.remove("base");
  });

  ground.test(
    "await using keeps a workspace, or discards it where that was asked for",
    async () => {
      const { store, scratch, fork } = await ground.captured(small);
      const [kept, gone] = [join(scratch, "kept"), join(scratch, "gone")];
      {
        await using first = await fork({ dir: kept });
        await using second = await fork({ dir: gone, onExit: "discard" });
        writeFileSync(join(second.path, "x"), first.id);
      }
      expect((await store.workspaces()).map(({ path }) => path)).toEqual([kept]);
      expect(existsSync(gone)).toBe(false);
      {
        await using attached = await store.workspace(kept, { onExit: "discard" });
        expect(attached.path).toBe(kept);
      }
      expect(await store.workspaces()).toEqual([]);
    },
  );

  ground.test("exec() runs programs in it, and what they do is captured", async () => {
    const { fork } = await ground.captured(small);
    const workspace = await fork();
    const result = await workspace.exec("sh", ["-c", "pwd; cat >from-input; cat 2"], {
      input: "in",
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: `${workspace.path}\n2\n` });
    expect(await changesOf(workspace)).toContain("added from-input");
    await expect(workspace.exec("no-such-program")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
}
