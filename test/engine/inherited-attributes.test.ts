/** What a target directory hands on to what is made in it, groups and default lists, is not restored. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";

const tree = `
  mkdir -p d/e/g d/empty own; echo 1 >f; echo 2 >d/f; echo 3 >d/e/f; ln d/f d/e/linked; ln -s f d/l; mkfifo d/p
  chmod 2755 own; echo 4 >own/f; chmod 600 d/e/f; chmod 6755 d/f`;

for (const [what, script, needs] of [
  ["a group and set-group-ID", "chgrp 54321 .; chmod 2775 .", "root"],
  ["a default access list", "setfacl -d -m u:12345:rwx,g:54321:rx,o::- .", "acl"],
] as const) {
  testIf(
    ["root", "koffi", "tools", "acl", needs],
    `restore() into a directory that hands on ${what}`,
    async () => {
      const { scratch, directory, store, edit, snapshot } = await editedDirectory(tree);
      const taken = await snapshot();

      const target = join(scratch, "target");
      mkdirSync(target);
      await run("bash", ["-euc", script], { cwd: target });
      await store.restore(taken, target);
      expect(await compareTrees(directory, target)).toEqual([]);

      const below = join(scratch, "parent", "new", "target");
      mkdirSync(join(scratch, "parent"));
      await run("bash", ["-euc", script], { cwd: join(scratch, "parent") });
      await store.restore(taken, below);
      expect(await compareTrees(directory, below)).toEqual([]);

      // In place: everything is gone but the directory that hands on.
      await run("bash", ["-euc", `rm -r d own f; ${script}`], { cwd: target });
      await store.restore(taken, target);
      expect(await compareTrees(directory, target)).toEqual([]);

      await edit(`rm -r d/e; cd d; ${script}`);
      await store.restore(taken, directory, { paths: ["d/e"] });
      expect(
        await compareTrees(join(target, "d/e"), join(directory, "d/e"), { without: ["root"] }),
      ).toEqual([]);
    },
  );
}

testIf(
  ["root", "koffi", "tools"],
  "restore() gives files their modes whatever the umask is",
  async () => {
    const { scratch, directory, store, snapshot } = await editedDirectory(tree);
    const taken = await snapshot();
    const before = process.umask();
    try {
      for (const umask of [0, 0o077, 0o777]) {
        process.umask(umask);
        const target = join(scratch, `target-${umask}`);
        mkdirSync(target, { mode: 0o700 });
        await store.restore(taken, target);
        process.umask(before);
        expect(await compareTrees(directory, target)).toEqual([]);
      }
    } finally {
      process.umask(before);
    }
  },
);
