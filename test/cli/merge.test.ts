/** `coppice merge` and `coppice tree`: what two snapshots changed, put together, and where snapshots come from. */
import { expect, test } from "vitest";
import { threeStates } from "../merge/three-states.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

async function sides(base: string, our: string, their: string) {
  const { store } = await threeStates(base, our, their);
  await store.close();
  return ["--store", store.directory];
}

test("merge makes a snapshot with both parents, and tells what came together", async () => {
  const own = await sides(
    "seq 9 >f; echo 1 >old",
    "sed -i s/1/one/ f; mv old new",
    "sed -i s/9/nine/ f; echo 2 >>old",
  );
  const { stdout } = await coppice(["merge", "ours", "theirs", "--name", "merged", ...own]);
  expect(stdout).toMatch(/^✔ [0-9a-z]{16} merged {2}theirs merged into ours\n/);
  expect(stdout).toContain("=  f");
  expect(stdout).toContain("merged by lines");
  const read = await coppice(["cat", "merged", "f", ...own]);
  expect(read.stdout).toBe("one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  const { snapshots } = await coppiceJson(["log", ...own]);
  const idOf = (name: string) => snapshots.find((each) => each.name === name)?.id;
  expect(snapshots[0]).toMatchObject({
    parent: idOf("ours"),
    parents: [idOf("ours"), idOf("theirs")],
  });
});

test("merge refuses conflicts with exit code 4, tells them in a plan, and settles them by a strategy", async () => {
  const own = await sides(
    "echo 1 >f; echo 1 >g",
    "echo 2 >f; rm g",
    "echo 3 >f; echo 3 >g; echo 3 >h",
  );
  const { exitCode, error, stdout } = await coppiceError(["merge", "ours", "theirs", ...own]);
  expect([exitCode, stdout, error.code]).toEqual([4, "", "CONFLICT"]);
  expect(error.conflicts).toMatchObject([
    { path: "f", kind: "content", base: { sizeBytes: 2 }, ours: { sizeBytes: 2 }, theirs: {} },
    { path: "g", kind: "deleted-in-ours", theirs: { sizeBytes: 2 } },
  ]);
  const plan = await coppice(["merge", "ours", "theirs", "--plan", ...own], { allowFailure: true });
  expect(plan.exitCode).toBe(4);
  expect(plan.stdout).toMatch(/^A .*h$/m);
  expect(plan.stdout).toContain("!  f  both changed it");
  expect(plan.stdout).toContain("2 conflicts, to be settled");
  expect((await coppiceJson(["log", ...own])).snapshots).toHaveLength(3);
  const settled = [
    "merge",
    "ours",
    "theirs",
    "--strategy",
    "union",
    "--label",
    "k=v",
    "--base",
    "base",
  ];
  const { snapshot, base, report } = await coppiceJson([...settled, ...own]);
  expect([snapshot.labels, base.name]).toEqual([{ k: "v" }, "base"]);
  expect(report).toMatchObject({
    isFastForward: false,
    conflicts: [],
    resolved: [
      { path: "f", resolution: "union", by: "strategy" },
      { path: "g", resolution: "theirs", by: "strategy" },
    ],
  });
  expect((await coppice(["cat", snapshot.id, "f", ...own])).stdout).toBe("2\n3\n");
});

test("tree draws each snapshot below its first parent, and names what a merge merges", async () => {
  const own = await sides("echo 1 >f", "echo 2 >f", "echo 1 >g");
  await coppice(["merge", "ours", "theirs", "--name", "merged", ...own]);
  await coppice(["merge", "theirs", "merged", "--quiet", ...own]);
  const { stdout } = await coppice(["tree", ...own]);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^SNAPSHOT +CREATED +ENTRIES +SIZE +NAME$/);
  const drawn = lines
    .slice(1)
    .map((line) => line.replace(/[0-9a-z]{16} +\d{4}-\d\d-\d\d \d\d:\d\d +\d+ +\d+ B {2}/, ""));
  expect(drawn).toEqual([
    "● base",
    "├─● ours",
    "│ ◆ merged  merges theirs",
    "└─● theirs",
    "  ◆ -  merges merged",
  ]);
  const { snapshots } = await coppiceJson(["tree", ...own]);
  const [base, ours, merged, theirs, last] = snapshots;
  expect(snapshots).toMatchObject([
    { name: "base", children: [ours?.id, theirs?.id] },
    { name: "ours", children: [merged?.id] },
    { name: "merged", parents: [ours?.id, theirs?.id], children: [last?.id] },
    { name: "theirs", parents: [base?.id], children: [merged?.id, last?.id] },
    { name: null, children: [] },
  ]);
});

test("a tree of nothing is nothing, and a long line stays in its column", async () => {
  const { store, snapshot } = await threeStates("echo 1 >f", "true", "true");
  let parent = (await store.get("theirs")).id;
  for (let count = 0; count < 20; count++) parent = (await snapshot({ parent })).id;
  await store.close();
  const { stdout } = await coppice(["tree", "--store", store.directory]);
  expect(stdout.split("\n").filter((line) => line.startsWith("  ● "))).toHaveLength(20);
  const empty = `${store.directory}-empty`;
  await coppice(["init", empty]);
  expect((await coppice(["tree", "--store", empty])).stdout).toBe("");
});
