/** Long names, long paths and deep directories: further than one system call reaches. */
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { testIf } from "../tooling/test-if.js";
import { diffOf, editedDirectory } from "./edited-directory.js";

/** Makes directories one in the other, entering each: no path is ever given whole. */
function descend(name: string, count: number, bottom: string): string {
  return `for ((i = 0; i < ${count}; i++)); do mkdir ${name}; cd ${name}; done; ${bottom}`;
}

for (const [what, script, entries] of [
  [
    "a path of 4,095 bytes",
    descend("$(printf %0200d 0)", 20, "echo bottom >$(printf %074d 0)"),
    21,
  ],
  [
    "a path of 8,000 bytes",
    descend("$(printf %0255d 0)", 31, "echo bottom >f; ln f g; ln -s f l"),
    34,
  ],
  ["2,040 directories, one in the other", descend("d", 2040, "echo bottom >f"), 2041],
] as const) {
  testIf(
    ["koffi", "tools"],
    `${what}: captured, read, compared, restored and brought back`,
    async () => {
      const { scratch, store, directory, edit, snapshot } = await editedDirectory(`(${script})`);
      const empty = await snapshot({ exclude: ["*"] });
      const { snapshot: taken, report } = await store.snapshot(directory);
      expect(report).toMatchObject({ entries, unreadable: { count: 0 }, changed: { count: 0 } });
      let deepest = "";
      for await (const { path, kind } of taken.walk()) if (kind === "file") deepest = path;
      expect((await taken.readFile(deepest)).toString()).toBe("bottom\n");
      expect(
        (await diffOf(store, empty, taken)).filter(({ change }) => change === "added"),
      ).toHaveLength(entries);

      const target = join(scratch, "target");
      await store.restore(taken, target);
      expect((await store.snapshot(target)).snapshot.digest).toBe(taken.digest);
      // The system's tools do not reach deeper than one path does.
      if (entries === 21) expect(await compareTrees(directory, target)).toEqual([]);

      await edit("find . -type f -execdir sh -c 'echo other >\"$1\"' sh {} \\;");
      const changed = await snapshot();
      expect(changed.digest).not.toBe(taken.digest);
      const { actions } = await store.restore(taken, directory);
      expect(actions.replace + actions.link).toBeGreaterThan(0);
      expect((await snapshot()).digest).toBe(taken.digest);
      await store.restore(empty, directory, { force: true });
    },
  );
}
