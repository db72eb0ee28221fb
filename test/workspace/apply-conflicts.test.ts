/** What both sides changed: what is a conflict, and what is not. */
import { expect } from "vitest";
import type { ConflictError } from "#dist/index.js";
import { testIf } from "../tooling/test-if.js";
import { actionsOf, expectConflicts, forkedFrom, stateOf, told } from "./apply-fixture.js";
import { needs } from "./workspace-fixture.js";

/** A base, what is done in the workspace and in the target, and the conflicts that this comes to. */
interface Case {
  readonly base?: string;
  readonly workspace: string;
  readonly target: string;
  readonly conflicts: readonly string[];
  /** What the target is with these paths left alone: a script that tells when it is not. */
  readonly skipped: string;
}

const cases: Readonly<Record<string, Case>> = {
  "both changed a file": {
    base: "echo 1 >f; echo 1 >g",
    workspace: "echo theirs >f; echo theirs >g",
    target: "echo mine >f",
    conflicts: ["content f"],
    skipped: "grep mine f; grep theirs g",
  },
  "both changed a symbolic link": {
    base: "ln -s a link",
    workspace: "ln -sfn b link; touch new",
    target: "ln -sfn c link",
    conflicts: ["content link"],
    skipped: "test $(readlink link) = c; test -e new",
  },
  "both set a mode": {
    base: "echo 1 >f; mkdir d",
    workspace: "chmod 600 f; chmod 700 d; echo new >d/new",
    target: "chmod 640 f; chmod 750 d",
    conflicts: ["attributes d", "attributes f"],
    skipped: "test $(stat -c %a f) = 640; test $(stat -c %a d) = 750; test -e d/new",
  },
  "both set an owner": {
    base: "echo 1 >f",
    workspace: "chown 1:1 f",
    target: "chown 2:2 f",
    conflicts: ["attributes f"],
    skipped: "test $(stat -c %u f) = 2",
  },
  "both added a file": {
    workspace: "echo theirs >f; mkdir d; echo x >d/same; echo theirs >d/other",
    target: "echo mine >f; mkdir d; echo x >d/same; echo mine >d/other; echo own >d/own",
    conflicts: ["added d/other", "added f"],
    skipped: "grep mine f; grep mine d/other; grep own d/own",
  },
  "one added a directory, the other a file": {
    workspace: "mkdir a; echo in >a/in; echo file >b",
    target: "echo file >a; mkdir b; echo in >b/in",
    conflicts: ["added a", "added b"],
    skipped: "grep file a; grep in b/in",
  },
  "a file that was changed is gone in the target": {
    base: "echo 1 >f; mkdir d; echo 1 >d/f; echo 1 >d/g",
    workspace: "echo theirs >f; echo theirs >d/f; echo new >d/new; mkdir -p d/e; echo deep >d/e/f",
    target: "rm -r f d",
    conflicts: [
      "deleted-in-target d/e",
      "deleted-in-target d/f",
      "deleted-in-target d/new",
      "deleted-in-target f",
    ],
    skipped: "test ! -e d; test ! -e f",
  },
  "a file that the target changed is gone in the workspace": {
    base: "echo 1 >f; echo 1 >g",
    workspace: "rm f g",
    target: "echo mine >f",
    conflicts: ["deleted-in-workspace f"],
    skipped: "grep mine f; test ! -e g",
  },
  "a directory is gone in which the target changed and added files": {
    base: "mkdir -p d/e d/gone; echo 1 >d/f; echo 1 >d/e/f; echo 1 >d/gone/f; echo 1 >d/g",
    workspace: "rm -r d",
    target: "echo mine >d/e/f; echo new >d/new; rm d/f; touch d/g; mkdir d/made",
    conflicts: [
      "deleted-in-workspace d/e/f",
      "deleted-in-workspace d/made",
      "deleted-in-workspace d/new",
    ],
    skipped: "grep mine d/e/f; grep new d/new; test ! -e d/g; test ! -e d/gone; test -d d/made",
  },
  "a file became a directory, and the target changed it": {
    base: "echo 1 >f; echo 1 >g",
    workspace: "rm f; mkdir f; echo in >f/in; echo 2 >g",
    target: "echo mine >f",
    conflicts: ["type f"],
    skipped: "grep mine f; grep 2 g",
  },
  "a directory became a file, and the target changed what is in it": {
    base: "mkdir d; echo 1 >d/f; echo 1 >d/g",
    workspace: "rm -r d; echo file >d",
    target: "echo mine >d/f",
    conflicts: ["type d"],
    skipped: "grep mine d/f; grep 1 d/g",
  },
  "the target made a directory a link, and the workspace changed what was in it": {
    base: "mkdir d other; echo 1 >d/f",
    workspace: "echo theirs >d/f",
    target: "rm -r d; ln -s other d",
    conflicts: ["type d"],
    skipped: "test $(readlink d) = other; test ! -e other/f",
  },
};

for (const [name, each] of Object.entries(cases)) {
  testIf(needs, `${name}: a conflict, and nothing is written unless it is skipped`, async () => {
    const fixture = await forkedFrom(each.base ?? "touch nothing");
    fixture.edit(each.workspace);
    fixture.editTarget(each.target);
    await expectConflicts(fixture, each.conflicts);
    const { workspace, source, editTarget } = fixture;
    const report = await workspace.apply(source, { onConflict: "skip" });
    expect(told(report)).toEqual(each.conflicts);
    editTarget(each.skipped);
    const again = await workspace.apply(source, { onConflict: "skip" });
    expect([actionsOf(again), told(again)]).toEqual([0, each.conflicts]);
  });
}

/** What both sides did, and a script that fails unless both are there. */
const peaceful: Readonly<Record<string, Omit<Case, "conflicts">>> = {
  "each changed files of its own": {
    base: "mkdir -p d/e; echo 1 >d/a; echo 1 >d/b; echo 1 >d/e/c; echo 1 >gone; echo 1 >mine-gone",
    workspace: "echo theirs >d/a; rm gone; mkdir new; echo n >new/n; echo x >d/e/x",
    target: "echo mine >d/b; rm mine-gone; mkdir own; echo o >own/o; echo y >d/e/y",
    skipped:
      "grep theirs d/a; grep mine d/b; test ! -e gone; test ! -e mine-gone; cat new/n own/o d/e/x d/e/y",
  },
  "one changed the text of a file, the other its mode": {
    base: "echo 1 >f; echo 1 >g",
    workspace: "echo theirs >f; chmod 700 g",
    target: "chmod 755 f; echo mine >g",
    skipped: "grep theirs f; test $(stat -c %a f) = 755; grep mine g; test $(stat -c %a g) = 700",
  },
  "both did the same": {
    base: "echo 1 >f; mkdir d; echo 1 >d/f; echo 1 >g",
    workspace: "echo 2 >f; rm -r d; chmod 600 g; mkdir n; echo n >n/n",
    target: "echo 2 >f; rm -r d; chmod 600 g; mkdir n; echo n >n/n",
    skipped: "grep 2 f; test ! -e d; grep n n/n",
  },
  "the target was copied elsewhere, which moved its times and owners": {
    base: "mkdir d; echo 1 >d/f; echo 1 >gone; mkdir gone-too; echo 1 >gone-too/f",
    workspace: "echo theirs >d/f; rm -r gone gone-too; echo new >d/new",
    target: "find . -exec touch -d @5 {} +; chown -R 5:5 .",
    skipped: "grep theirs d/f; test $(stat -c %u d/f) = 5; test ! -e gone; test ! -e gone-too",
  },
  "the workspace only touched what the target changed or removed": {
    base: "echo 1 >f; echo 1 >g",
    workspace: "touch -d @7 f g",
    target: "echo mine >f; rm g",
    skipped: "grep mine f; test ! -e g",
  },
  "a file becomes a directory and a directory a file": {
    base: "echo 1 >f; mkdir -p d/e; echo 1 >d/e/f; echo 1 >own",
    workspace: "rm f; mkdir f; echo in >f/in; rm -r d; echo file >d",
    target: "echo mine >own",
    skipped: "grep in f/in; grep file d; grep mine own",
  },
};

for (const [name, each] of Object.entries(peaceful)) {
  testIf(needs, `${name}: both are there`, async () => {
    const { workspace, source, edit, editTarget } = await forkedFrom(each.base ?? "");
    edit(each.workspace);
    editTarget(each.target);
    const before = stateOf(source);
    const plan = await workspace.apply(source, { plan: true });
    expect(stateOf(source)).toEqual(before);
    const report = await workspace.apply(source);
    expect(report.conflicts).toEqual([]);
    expect([report.actions, report.changes]).toEqual([plan.actions, plan.changes]);
    editTarget(each.skipped);
    const applied = stateOf(source);
    expect(actionsOf(await workspace.apply(source))).toBe(0);
    expect(stateOf(source)).toEqual(applied);
  });
}

testIf(
  needs,
  "a conflict tells what each side has, and the message how many and which",
  async () => {
    const fixture = await forkedFrom("for i in {1..8}; do echo $i >$i; done");
    fixture.edit("for i in {1..8}; do echo theirs >$i; done");
    fixture.editTarget("for i in {1..8}; do echo mine $i >$i; done; rm 8");
    const error: ConflictError = await expectConflicts(fixture, [
      ...[1, 2, 3, 4, 5, 6, 7].map((each) => `content ${each}`),
      "deleted-in-target 8",
    ]);
    expect(error.message).toBe(
      `Cannot apply to ${fixture.source}: 8 paths were changed there too: 1 (content), 2 (content), 3 (content), 4 (content), 5 (content) and 3 more; settle them there and apply again, or leave them as they are there with onConflict "skip" (--skip-conflicts)`,
    );
    expect(error.conflicts[0]).toMatchObject({
      base: { path: "1", sizeBytes: 2 },
      target: { sizeBytes: 7 },
      workspace: { sizeBytes: 7 },
    });
    expect(error.conflicts[7]).not.toHaveProperty("target");
  },
);
