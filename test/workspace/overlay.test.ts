/** What is so because a workspace is a mount of the kernel's. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { openSqlite } from "#dist/database/sqlite.js";
import { mountOptions, mountsBelow, unmountBelow } from "../support/mount-points.js";
import { Ground, type GroundFixture, places } from "./ground.js";
import {
  changesOf,
  expectCaptured,
  expectState,
  inDirectory,
  leftovers,
  opened,
} from "./workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

for (const place of [places.overlayfs, places["overlayfs-checkout"]])
  describe(`by ${place.driver}`, () => {
    const ground = new Ground(place);
    const { driver } = place;

    ground.test(
      "one that is not mounted any more is mounted again, with what was changed in it",
      async () => {
        const { store, scratch, fork } = await ground.captured(small);
        const { path } = await fork();
        writeFileSync(join(path, "new"), "kept");
        unmountBelow(scratch);
        expect(readdirSync(path)).toEqual([]);
        const workspace = await store.workspace(path);
        expect(readFileSync(join(path, "new"), "utf8")).toBe("kept");
        expect((await workspace.snapshot()).isUnchanged).toBe(false);
        await expectCaptured(store, workspace);
      },
    );

    ground.test(
      "a handle is told that its workspace is not mounted, or mounts it again",
      async () => {
        const { store, scratch, fork } = await ground.captured(small);
        const workspace = await fork();
        writeFileSync(join(workspace.path, "new"), "kept");
        unmountBelow(scratch);
        const { snapshot } = await workspace.snapshot();
        expect((await snapshot.readFile("new")).toString()).toBe("kept");
        await workspace.rollback();
        await expectState(store, workspace.path, snapshot.digest);
        unmountBelow(scratch);
        await workspace.discard();
        expect(existsSync(workspace.path)).toBe(false);
      },
    );

    ground.test(
      "an ordinary capture tells one from another in its place, though all statuses are the same",
      async () => {
        const { store, source, scratch } = await ground.captured("echo one >x; touch -d @5 x .");
        const { snapshot: one } = await store.snapshot(source);
        inDirectory(source, "echo two >x; touch -d @5 x .");
        const { snapshot: two } = await store.snapshot(source);
        // The kernel gives the number of a device that is gone to the next one.
        for (const snapshot of [one, two, one, two, one]) {
          const workspace = await store.fork(snapshot, { dir: join(scratch, "place"), driver });
          await expectState(store, workspace.path, snapshot.digest);
          await workspace.discard();
        }
      },
    );

    ground.test(
      "one that was captured before the machine stopped is there again after it",
      async () => {
        const fixture = await ground.captured(small);
        const { store, fork } = fixture;
        const workspace = await fork();
        writeFileSync(join(workspace.path, "new"), "captured");
        const { snapshot } = await workspace.snapshot();
        await store.close();
        const again = await rebooted(fixture);
        const path = workspace.path;
        const found = await again.workspace(path, { ifDirty: "rollback" });
        expect(found.head.id).toBe(snapshot.id);
        await expectState(again, path, snapshot.digest);
        await found.discard();
      },
    );

    ground.test(
      "one that was in use when the machine stopped is not used as if nothing had happened",
      async () => {
        const fixture = await ground.captured(small);
        const { store, scratch, fork } = fixture;
        const { path } = await fork();
        const kept = await fork({ dir: join(scratch, "kept") });
        for (const each of [path, kept.path]) writeFileSync(join(each, "new"), "perhaps torn");
        await store.close();
        const again = await rebooted(fixture);
        for (const key of [path, kept.path])
          await expect(again.workspace(key)).rejects.toMatchObject({
            code: "WORKSPACE_DIRTY",
            path: key,
          });
        for (const key of [path, kept.path]) expect(mountsBelow(scratch)).not.toContain(key);
        const rolledBack = await again.workspace(path, { ifDirty: "rollback" });
        expect(existsSync(join(path, "new"))).toBe(false);
        expect((await rolledBack.snapshot()).isUnchanged).toBe(true);
        // Who knows that it is whole takes it as it is, and is asked once.
        const taken = await again.workspace(kept.path, { ifDirty: "keep" });
        expect(await changesOf(taken)).toContain("added new");
        await expectCaptured(again, taken);
        expect((await again.workspace(kept.path)).head.id).toBe(taken.head.id);
        await again.discard(path);
        await again.discard(kept.path);
      },
    );

    ground.test("one that is dirty after a reboot can be discarded as it is", async () => {
      const fixture = await ground.captured(small);
      const { path } = await fixture.fork();
      writeFileSync(join(path, "new"), "perhaps torn");
      await fixture.store.close();
      const again = await rebooted(fixture);
      await again.discard(path);
      expect(existsSync(path)).toBe(false);
      await again.close();
      expect(leftovers(fixture)).toEqual([]);
    });

    // Each generation of checkouts is a directory of its own: fewer of them show the same.
    const generations = driver === "overlayfs" ? 1000 : 50;
    ground.test(
      `depth never grows: generation ${generations} has at most three layers`,
      async () => {
        const { store, scratch, fork } = await ground.captured(small);
        let workspace = await fork({ dir: join(scratch, "0") });
        for (let generation = 1; generation <= generations; generation++) {
          writeFileSync(join(workspace.path, `file-${generation % 7}`), String(generation));
          const dir = join(scratch, String(generation));
          const next = await workspace.fork({ dir, driver, durability: "relaxed" });
          await workspace.discard();
          workspace = next;
        }
        const lower = /lowerdir=([^,]*)/.exec(mountOptions(workspace.path) ?? "")?.[1]?.split(":");
        expect(lower?.length).toBeLessThanOrEqual(2);
        expect(readdirSync(workspace.path)).toHaveLength(10);
        await expectCaptured(store, workspace);
        // The overlay and its layers at most: what the others stood on is not mounted any more.
        expect(mountsBelow(scratch).length).toBeLessThanOrEqual(3);
      },
    );

    ground.test("files and directories are on one device, and keep their numbers", async () => {
      const { fork } = await ground.captured(small);
      const { path } = await fork();
      const numbers = () => inDirectory(path, "stat --format '%n %i' 2 a a/1 large");
      expect(inDirectory(path, "find . -printf '%D\\n' | sort -u | wc -l")).toBe("1\n");
      const before = numbers();
      inDirectory(path, "echo more >>2; chmod 600 large; echo x >a/1; touch a");
      expect(numbers()).toBe(before);
    });
  });

/** Has the machine of a closed store begin anew, as after a power cut, and opens the store again. */
async function rebooted({ scratch, storeDirectory }: GroundFixture) {
  // The marks that the kernel leaves in the work directories go when it unmounts, but not when it stops.
  const work = inDirectory(storeDirectory, "find workspaces -type d -path '*/incompat/volatile'");
  expect(work).not.toBe("");
  unmountBelow(scratch);
  for (const mark of work.trim().split("\n"))
    mkdirSync(join(storeDirectory, mark), { recursive: true });
  const catalog = openSqlite(join(storeDirectory, "catalog.sqlite"));
  catalog.exec("UPDATE workspace SET boot = 'an earlier one'");
  catalog.close();
  return opened(storeDirectory);
}
