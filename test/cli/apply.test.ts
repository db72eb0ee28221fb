/** `coppice apply`: a workspace's changes, written into the directory that it comes from. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, inDirectory, needs } from "../workspace/workspace-fixture.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

async function forked(script: string) {
  const { store, scratch, source, storeDirectory } = await capturedBy(script);
  await store.close();
  const own = ["--store", storeDirectory];
  const dir = join(scratch, "attempt");
  await coppice(["fork", "base", dir, "--name", "try", ...own]);
  return { source, dir, own };
}

testIf(needs, "apply tells its plan, does it, and can be taken back", async () => {
  const { source, dir, own } = await forked("mkdir a; echo 1 >a/1; echo 2 >2; echo 3 >3");
  inDirectory(dir, "echo more >>2; rm -r a; echo new >new");
  inDirectory(source, "echo mine >3");
  const { stdout } = await coppice(["apply", "try", source, "--plan", ...own]);
  for (const line of ["~  replace     2", "-  remove      a/", "+  create      new"])
    expect(stdout.split("\n")).toContain(line);
  expect(existsSync(join(source, "new"))).toBe(false);

  const { base, plan, undo, report } = await coppiceJson([
    ...["apply", dir, source, "--undo"],
    ...own,
  ]);
  expect([base.name, plan]).toEqual(["base", false]);
  expect(report).toMatchObject({
    actions: { create: 1, replace: 1, remove: 1 },
    conflicts: [],
  });
  expect(readFileSync(join(source, "2"), "utf8")).toBe("2\nmore\n");
  expect(readFileSync(join(source, "3"), "utf8")).toBe("mine\n");
  await coppice(["restore", undo.id, source, ...own]);
  expect(readFileSync(join(source, "a", "1"), "utf8")).toBe("1\n");
  expect(existsSync(join(source, "new"))).toBe(false);
});

testIf(
  needs,
  "apply refuses conflicts with exit code 4, tells them, and can skip them",
  async () => {
    const { source, dir, own } = await forked("echo 1 >f; echo 1 >g; echo 1 >h");
    inDirectory(dir, "echo theirs >f; echo theirs >g; rm h");
    inDirectory(source, "echo mine >f; echo mine >h");
    const { exitCode, error, stdout } = await coppiceError(["apply", "try", source, ...own]);
    expect([exitCode, stdout, error.code, error.path]).toEqual([4, "", "CONFLICT", source]);
    expect(error.conflicts).toMatchObject([
      { path: "f", kind: "content", target: { sizeBytes: 5 }, workspace: { sizeBytes: 7 } },
      { path: "h", kind: "deleted-in-workspace" },
    ]);
    const plan = await coppice(["apply", "try", source, "--plan", ...own], { allowFailure: true });
    expect(plan.exitCode).toBe(4);
    expect(plan.stdout).toContain("!  f  both changed it");
    expect(plan.stdout).toContain("2 conflicts, left as they are");
    expect(readFileSync(join(source, "g"), "utf8")).toBe("1\n");

    const { report } = await coppiceJson(["apply", "try", source, "--skip-conflicts", ...own]);
    expect(report.conflicts.map(({ path }) => path)).toEqual(["f", "h"]);
    expect(readFileSync(join(source, "f"), "utf8")).toBe("mine\n");
    expect(readFileSync(join(source, "g"), "utf8")).toBe("theirs\n");
  },
);

testIf(needs, "apply takes a state to start from, and patterns to leave alone", async () => {
  const { source, dir, own } = await forked("echo 1 >f; echo 1 >g");
  inDirectory(dir, "echo first >f");
  const { snapshot } = await coppiceJson(["snapshot", "try", ...own]);
  inDirectory(dir, "echo second >g; echo x >left.log");
  const options = ["--since", snapshot.id, "--exclude", "*.log", "--no-gitignore"];
  const { base } = await coppiceJson(["apply", "try", source, ...options, ...own]);
  expect(base.id).toBe(snapshot.id);
  expect(readFileSync(join(source, "f"), "utf8")).toBe("1\n");
  expect(readFileSync(join(source, "g"), "utf8")).toBe("second\n");
  expect(existsSync(join(source, "left.log"))).toBe(false);
  const missing = await coppiceError(["apply", "try", join(source, "none"), ...own]);
  expect([missing.exitCode, missing.error.code]).toEqual([1, "NOT_FOUND"]);
});
