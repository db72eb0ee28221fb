/** The commands on workspaces, from fork to discard. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { mountsBelow } from "../support/mount-points.js";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, needs } from "../workspace/workspace-fixture.js";
import { coppice, coppiceError, coppiceJson, MAIN } from "./coppice.js";

testIf(needs, "a workspace is forked, worked in, captured, rolled back and discarded", async () => {
  const { store, scratch, storeDirectory } = await capturedBy("mkdir a; echo 1 >a/1; echo 2 >2");
  await store.close();
  const own = ["--store", storeDirectory];
  const dir = join(scratch, "attempt");
  const { workspaces } = await coppiceJson(["fork", "base", dir, "--name", "try", ...own]);
  expect(workspaces).toMatchObject([{ name: "try", path: dir, driver: "overlayfs" }]);

  const exec = ["exec", ...own, "try", "--", "sh", "-c", "cat; echo more >>2; rm -r a; exit 7"];
  const { exitCode, stdout } = await run(process.execPath, [MAIN, ...exec], {
    input: "input\n",
    allowFailure: true,
  });
  expect([exitCode, stdout]).toEqual([7, "input\n"]);

  const changes = await coppice(["changes", dir, "--exit-code", ...own], { allowFailure: true });
  expect(changes.exitCode).toBe(3);
  expect(changes.stdout).toContain("1 modified, 2 removed");

  const { snapshot, report } = await coppiceJson(["snapshot", "try", "--name", "after", ...own]);
  expect(report).toMatchObject({ isUnchanged: false, filesRead: 1 });
  const again = await coppiceJson(["snapshot", dir, ...own]);
  expect(again.snapshot.id).toBe(snapshot.id);
  expect(again.report).toMatchObject({ isUnchanged: true });

  writeFileSync(join(dir, "2"), "lost");
  await coppice(["rollback", "try", ...own]);
  expect(readFileSync(join(dir, "2"), "utf8")).toBe("2\nmore\n");
  await coppice(["rollback", "try", "--to", "base", ...own]);
  expect(readFileSync(join(dir, "a", "1"), "utf8")).toBe("1\n");

  expect((await coppice(["workspaces", ...own])).stdout).toContain(dir);
  expect((await coppice(["discard", "try", ...own])).stdout).toMatch(/^Discarded [0-9a-z]{16} /);
  expect((await coppiceJson(["workspaces", ...own])).workspaces).toEqual([]);
  expect(existsSync(dir)).toBe(false);
  expect(mountsBelow(scratch)).toEqual([]);
});

testIf(
  needs,
  "several are forked at once, each with a directory and a name of its own",
  async () => {
    const { store, scratch, storeDirectory } = await capturedBy("echo 1 >1");
    await store.close();
    const own = ["--store", storeDirectory];
    const dir = join(scratch, "w");
    const { stdout } = await coppice(["fork", "base", dir, "-c", "3", "-n", "n", "-q", ...own]);
    expect(stdout).toBe([1, 2, 3].map((index) => `${dir}-${index}\n`).join(""));
    await coppice(["discard", "n-1", "n-2", `${dir}-3`, ...own]);
    expect(mountsBelow(scratch)).toEqual([]);
  },
);

testIf(needs, "what cannot be done is told with its code", async () => {
  const { store, scratch, storeDirectory } = await capturedBy("echo 1 >1");
  await store.close();
  const own = ["--store", storeDirectory];
  const cases: readonly (readonly [string[], string])[] = [
    [["fork", "nothing"], "NOT_FOUND"],
    [["fork", "base", scratch], "INVALID_ARGUMENT"],
    [["exec", "nobody", "ls"], "NOT_FOUND"],
    [["discard", "nobody"], "NOT_FOUND"],
    [["rollback", "nobody"], "NOT_FOUND"],
    [["changes", "nobody"], "NOT_FOUND"],
  ];
  for (const [args, code] of cases)
    expect((await coppiceError([...args, ...own])).error.code).toBe(code);
  await coppice(["fork", "base", join(scratch, "w"), ...own]);
  const usage = await coppiceError(["snapshot", join(scratch, "w"), "-x", "a", ...own]);
  expect([usage.exitCode, usage.error.code]).toEqual([2, "USAGE"]);
  const missing = await coppiceError(["exec", join(scratch, "w"), "no-such-program", ...own]);
  expect(missing.error.code).toBe("NOT_FOUND");
});

testIf(needs, "a directory that is there goes before a workspace of that name", async () => {
  const { store, scratch, storeDirectory } = await capturedBy("echo base >file");
  await store.close();
  const own = ["--store", storeDirectory];
  const cwd = join(scratch, "project");
  mkdirSync(join(cwd, "try"), { recursive: true });
  writeFileSync(join(cwd, "try", "mine"), "mine\n");
  const workspace = join(scratch, "elsewhere");
  await coppice(["fork", "base", workspace, "--name", "try", ...own]);
  writeFileSync(join(workspace, "file"), "changed\n");

  await coppice(["snapshot", "try", "--name", "directory", ...own], { cwd });
  expect((await coppice(["ls", "directory", ...own])).stdout).toContain("mine");
  await coppice(["restore", "base", "try", "--force", ...own], { cwd });
  expect(readFileSync(join(cwd, "try", "file"), "utf8")).toBe("base\n");
  expect(readFileSync(join(workspace, "file"), "utf8")).toBe("changed\n");

  rmSync(join(cwd, "try"), { recursive: true });
  await coppice(["restore", "base", "try", ...own], { cwd });
  expect(readFileSync(join(workspace, "file"), "utf8")).toBe("base\n");
  expect(existsSync(join(cwd, "try"))).toBe(false);
  // What only a mount may lose, a workspace does not, whatever it is called by.
  for (const key of ["try", workspace])
    expect((await coppiceError(["umount", key, ...own])).error.code).toBe("INVALID_ARGUMENT");
  await coppice(["discard", "try", ...own]);
});
