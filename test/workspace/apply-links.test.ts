/** Links in a workspace and in the directory that it is applied to. */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { expectConflicts, forkedFrom, stateOf, told } from "./apply-fixture.js";
import { needs } from "./workspace-fixture.js";

describe("hard links", () => {
  testIf(needs, "of the workspace become hard links in the target", async () => {
    const { workspace, source, edit, editTarget } = await forkedFrom("echo 1 >a; echo 1 >other");
    edit("ln a b; echo new >n; ln n m; mkdir d; ln n d/n");
    editTarget("echo mine >other");
    const { ino } = lstatSync(join(source, "a"));
    await workspace.apply(source);
    editTarget("test a -ef b; test n -ef m; test n -ef d/n");
    // The file that stands gets another name: it is not written.
    expect(lstatSync(join(source, "b")).ino).toBe(ino);
  });

  testIf(
    needs,
    "of the target stay where nothing is written, and where all names are",
    async () => {
      const { workspace, source, edit, editTarget } = await forkedFrom(
        "echo 1 >a; ln a b; echo 2 >c; ln c d; echo 3 >e; ln e f; echo 4 >own",
      );
      // With overlayfs, what writes to one name of a file from below leaves the others as they were.
      edit("echo theirs >a; ln -f a b; rm e; echo alone >d.new; mv d.new d");
      editTarget("ln own own2; echo mine >own");
      const inode = (name: string) => lstatSync(join(source, name)).ino;
      const [c, f, own] = [inode("c"), inode("f"), inode("own")];
      await workspace.apply(source);
      editTarget("test a -ef b; grep theirs b; test own -ef own2; grep mine own2; grep alone d");
      // What is left of a file that lost a name is the file that it was.
      expect([inode("c"), inode("f"), inode("own")]).toEqual([c, f, own]);
    },
  );

  testIf(needs, "of the target are not torn for the sake of a mode", async () => {
    const fixture = await forkedFrom("echo 1 >a; echo 1 >b; echo 1 >c");
    fixture.edit("chmod 600 a; echo theirs >c");
    fixture.editTarget("echo mine >a; ln -f a b");
    await expectConflicts(fixture, ["attributes a"]);
    await fixture.workspace.apply(fixture.source, { onConflict: "skip" });
    fixture.editTarget("test a -ef b; grep mine b; grep theirs c; test $(stat -c %a a) != 600");
  });

  testIf(needs, "of the target stay together where the workspace moved a time alone", async () => {
    const fixture = await forkedFrom("echo 1 >a; ln a b; touch -d @5 a");
    fixture.edit("touch -d @7 a b");
    fixture.editTarget("ln a c; echo mine >a; touch -d @5 a");
    const report = await fixture.workspace.apply(fixture.source);
    expect(told(report)).toEqual([]);
    fixture.editTarget("test a -ef b; test a -ef c; grep mine b; test $(stat -c %Y c) = 5");
  });
});

describe("symbolic links", () => {
  testIf(needs, "in the target are never followed", async () => {
    const { workspace, source, scratch, edit, editTarget } = await forkedFrom(
      "mkdir -p d/e; echo 1 >d/f; echo 1 >d/e/g; echo 1 >h",
    );
    edit("echo theirs >d/f; echo new >d/e/new; rm d/e/g; chmod 600 h");
    mkdirSync(join(scratch, "outside", "e"), { recursive: true });
    for (const name of ["f", "e/g", "h"]) writeFileSync(join(scratch, "outside", name), "safe");
    editTarget("rm -r d h; ln -s ../outside d; ln -s ../outside/h h");
    const before = stateOf(join(scratch, "outside"));
    const report = await workspace.apply(source, { onConflict: "skip" });
    expect(told(report)).toEqual(["type d", "type h"]);
    expect(stateOf(join(scratch, "outside"))).toEqual(before);
    expect(readlinkSync(join(source, "d"))).toBe("../outside");
  });

  testIf(needs, "in the place of a new name are in its way, and stay", async () => {
    const fixture = await forkedFrom("touch nothing");
    fixture.edit("mkdir d; echo new >d/new; echo f >f");
    fixture.editTarget("ln -s /nowhere d; ln -s nothing f");
    await expectConflicts(fixture, ["added d", "added f"]);
  });

  testIf(
    needs,
    "that lead to the target itself are followed, as the caller gave them",
    async () => {
      const { workspace, source, scratch, edit } = await forkedFrom("echo 1 >f");
      edit("echo 2 >f");
      symlinkSync(source, join(scratch, "link"));
      await workspace.apply(join(scratch, "link"));
      expect(readFileSync(join(source, "f"), "utf8")).toBe("2\n");
    },
  );
});
