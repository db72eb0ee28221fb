/** Many workspaces at once, and several processes that make them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { mountsBelow } from "../support/mount-points.js";
import { startScript } from "../support/script.js";
import { Ground, places } from "./ground.js";
import { expectState, leftovers, opened } from "./workspace-fixture.js";

const small = "mkdir a; echo 1 >a/1; echo 2 >2; head -c 100000 /dev/urandom >large";

const { overlayfs, "overlayfs-checkout": checkout, "clone-xfs": clone, copy } = places;

for (const place of [overlayfs, checkout, clone, copy])
  describe(`by ${place.driver}`, () => {
    const ground = new Ground(place);
    const { driver, isMounted } = place;
    // What a copy costs is the tree's size: fewer of them show the same.
    const many = isMounted ? 200 : 40;

    ground.test(`${many} workspaces at once, with programs running in them`, async () => {
      const { store, scratch, storeDirectory } = await ground.captured(small);
      const results = await store.fork("base", { dir: join(scratch, "w"), driver, count: many });
      const workspaces = results.map((each) => {
        if (each.status === "rejected") throw each.reason;
        return each.value;
      });
      expect(new Set(workspaces.map(({ path }) => path)).size).toBe(many);
      const outputs = await Promise.all(
        workspaces.map((each, index) =>
          each.exec("sh", ["-c", `echo ${index} >own; mv a b; cat own 2 b/1`]),
        ),
      );
      expect(outputs.map(({ stdout }) => stdout)).toEqual(
        workspaces.map((_, index) => `${index}\n2\n1\n`),
      );
      const digests = await Promise.all(
        workspaces.map(
          async (each) => (await each.snapshot({ durability: "relaxed" })).snapshot.digest,
        ),
      );
      expect(new Set(digests).size).toBe(many);
      await Promise.all(workspaces.map((each) => each.rollback()));
      for (const index of [0, many >> 1, many - 1])
        await expectState(store, workspaces[index]!.path, digests[index]!);
      await Promise.all(workspaces.map((each) => each.discard()));
      await store.close();
      expect(leftovers({ scratch, storeDirectory })).toEqual([]);
    });

    ground.test("processes that fork one snapshot at once share what it is shown by", async () => {
      const { store, scratch, storeDirectory } = await ground.captured(small);
      const { digest } = await store.get("base");
      await store.close();
      const [processes, each] = [3, 5];
      const script = new URL("children/fork-many.mjs", import.meta.url);
      const children = Array.from({ length: processes }, (_, index) =>
        startScript(script, [storeDirectory, driver, join(scratch, `w${index}`), `${each}`]),
      );
      for (const child of children) expect(await child.line()).toBe("ready");
      for (const child of children) child.write("go");
      expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0, 0]);
      const again = await opened(storeDirectory);
      const workspaces = await again.workspaces();
      expect(workspaces).toHaveLength(processes * each);
      for (const { path } of workspaces) await expectState(again, path, digest);
      const mounts = mountsBelow(scratch);
      if (isMounted) {
        const own = workspaces.map(({ path }) => path);
        const shared = mounts.filter((path) => !own.includes(path));
        expect(mounts.length - shared.length).toBe(own.length);
        expect(shared.length).toBe(driver === "overlayfs" ? 1 : 0);
      } else expect(mounts).toEqual([]);
      if (driver === "overlayfs")
        expect(readdirSync(join(storeDirectory, "images"))).toHaveLength(1);
      for (const { id } of workspaces) await again.discard(id);
      await again.close();
      expect(leftovers({ scratch, storeDirectory })).toEqual([]);
    });
  });
