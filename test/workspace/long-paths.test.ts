/** Stores and workspaces at paths that are longer than what the kernel takes as an option of a mount. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/store.js";
import { mountsBelow } from "../support/mount-points.js";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, expectCaptured, inDirectory, needs } from "./workspace-fixture.js";

testIf(
  needs,
  "a store at a path of more than 255 bytes forks, rolls back and discards",
  async () => {
    const { scratch, source } = await capturedBy("echo 1 >1; head -c 100000 /dev/urandom >large");
    const deep = join(scratch, "d".repeat(200), "e".repeat(100));
    const store = await Store.open(join(deep, "store"));
    onTestFinished(() => store.close());
    await store.snapshot(source, { name: "base" });
    const dir = join(deep, "workspace");
    const workspace = await store.fork("base", { dir });
    expect(inDirectory(scratch, `diff -r ${source} ${dir} && echo same`)).toBe("same\n");
    writeFileSync(join(dir, "large"), "changed");
    mkdirSync(join(dir, "new"));
    await expectCaptured(store, workspace);
    const again = await workspace.fork({ dir: join(deep, "again") });
    expect(readFileSync(join(again.path, "large"), "utf8")).toBe("changed");
    await workspace.rollback();
    await workspace.restore(await store.get("base"));
    expect(inDirectory(scratch, `diff -r ${source} ${dir} && echo same`)).toBe("same\n");
    await again.discard();
    await workspace.discard();
    expect(existsSync(dir)).toBe(false);
    await store.close();
    expect(mountsBelow(scratch)).toEqual([]);
  },
);
