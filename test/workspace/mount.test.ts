/** mount(): a snapshot that can be looked at, and that nobody can write to. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { lines, listTree } from "../engine/listing.js";
import { compareTrees } from "../support/compare-trees.js";
import { mountsBelow, unmountBelow } from "../support/mount-points.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import { Ground, places } from "./ground.js";
import { changesOf, expectState, inDirectory, leftovers, opened } from "./workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

for (const place of [places.overlayfs, places["overlayfs-checkout"]]) {
  const ground = new Ground(place);
  const { driver } = place;

  ground.test(`a mount by ${driver} shows the snapshot, and nobody writes to it`, async () => {
    const { store, scratch, source, storeDirectory } = await ground.captured(small);
    const dir = join(scratch, "not", "there");
    const view = await store.mount("base", dir, { driver, name: "view" });
    expect(view).toMatchObject({ path: dir, name: "view", driver, isReadOnly: true });
    expect(lines(listTree(dir))).toEqual(lines(listTree(source)));
    for (const script of [
      "echo x >2",
      "echo x >new",
      "rm -r a",
      "mkdir b",
      "chmod 700 a",
      "touch .",
    ])
      expect(() => inDirectory(dir, script), script).toThrow(/Read-only file system/);
    expect(lines(listTree(dir))).toEqual(lines(listTree(source)));
    expect(await store.workspaces()).toMatchObject([{ path: dir, isReadOnly: true }]);
    expect(await changesOf(view)).toEqual([]);
    await expect(view.snapshot()).rejects.toMatchObject({ code: "UNSUPPORTED" });
    await expect(store.remove("base")).rejects.toMatchObject({ code: "IN_USE" });
    expect((await view.exec("cat", ["a/1"])).stdout).toBe("1\n");
    await store.discard(dir);
    expect(existsSync(dir)).toBe(false);
    await store.close();
    expect(leftovers({ scratch, storeDirectory })).toEqual([]);
  });

  ground.test(
    `a mount by ${driver} is there again after it was unmounted, for any handle`,
    async () => {
      const { store, scratch, storeDirectory } = await ground.captured(small);
      const { digest } = await store.get("base");
      const dir = join(scratch, "view");
      await store.mount("base", dir, { driver });
      // A fork of the same snapshot is written to, and the view is not.
      const workspace = await store.fork("base", { dir: join(scratch, "workspace"), driver });
      writeFileSync(join(workspace.path, "2"), "other");
      inDirectory(workspace.path, "rm -r a");
      await expectState(store, dir, digest);
      await workspace.snapshot();
      await store.close();
      unmountBelow(scratch);
      expect(readdirSync(dir)).toEqual([]);
      const again = await opened(storeDirectory);
      const view = await again.workspace(dir);
      expect(view.isReadOnly).toBe(true);
      await expectState(again, dir, digest);
      expect(() => inDirectory(dir, "touch 2")).toThrow(/Read-only file system/);
      for (const { id } of await again.workspaces()) await again.discard(id);
      expect(mountsBelow(scratch).filter((path) => !path.startsWith(storeDirectory))).toEqual([]);
    },
  );
}

const copies = new Ground(places.copy);

copies.test(
  "what is not mounted is not mounted for reading: the other drivers refuse",
  async () => {
    const { store, scratch } = await copies.captured(small);
    const dir = join(scratch, "view");
    for (const driver of ["copy", "clone"] as const)
      await expect(store.mount("base", dir, { driver })).rejects.toMatchObject({
        code: "UNSUPPORTED",
      });
    await expect(store.mount("base", join(scratch, "source"))).rejects.toMatchObject({
      code: "TARGET_NOT_EMPTY",
    });
    expect(existsSync(dir)).toBe(false);
    expect(await store.workspaces()).toEqual([]);
  },
);

const images = new Ground(places.overlayfs);

images.test("a mount shows the ugly tree", async () => {
  const { store, scratch, source } = await images.captured(makeUglyTree);
  const { path } = await store.mount("base", join(scratch, "view"));
  const { unlike: without } = places.overlayfs;
  expect(await compareTrees(source, path, { without })).toEqual([]);
});
