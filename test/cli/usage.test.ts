import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchDirectory } from "../support/scratch.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

const COMMANDS = [
  "init",
  "snapshot",
  "log",
  "ls",
  "cat",
  "diff",
  "merge",
  "tree",
  "restore",
  "import",
  "rm",
  "stats",
  "doctor",
];

test("--version prints the package's version", async () => {
  const { stdout } = await coppice(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await coppice(["-V"])).stdout).toBe(stdout);
});

test("--help names all commands, and each has its own help", async () => {
  const { stdout } = await coppice(["--help"]);
  for (const command of COMMANDS) {
    expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    const help = await coppice([command, "--help"]);
    expect(help.stdout).toContain(`Usage: coppice ${command}`);
    expect(help.stdout).toContain("--store <directory>");
  }
});

test.each([
  "",
  "prune",
  "ls",
  "log --bogus",
  "log more",
  "log --limit 0",
  "snapshot --workers 65",
  "snapshot --durability absolute",
  "snapshot --label step",
  "cat a b --start -1",
  "log --store",
  "merge a",
  "merge a b --strategy both",
  "tree a",
  "log",
])("a command line that is not understood exits with 2 and prints no result: %s", async (line) => {
  const args = line.split(" ").filter(Boolean);
  const { exitCode, stdout, stderr } = await coppice(args, { allowFailure: true });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).not.toBe("");
});

test("usage errors are JSON too where JSON is asked for", async () => {
  const { exitCode, stdout, error } = await coppiceError(["lg"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(error).toEqual({ code: "USAGE", message: expect.stringContaining("Did you mean") });
  const { error: unnamed } = await coppiceError(["log"]);
  expect(unnamed.message).toContain("COPPICE_STORE");
  const { error: misread } = await coppiceError([
    "cat",
    "a",
    "\\q",
    "--escaped",
    "--store",
    "/nowhere",
  ]);
  expect(misread.code).toBe("USAGE");
});

test("a missing store is told with the remedy, and is not made", async () => {
  const store = join(scratchDirectory(), "none");
  for (const command of [["log"], ["snapshot"], ["stats"], ["ls", "a"]]) {
    const { exitCode, error } = await coppiceError([...command, "--store", store]);
    expect([exitCode, error.code, error.path]).toEqual([1, "NOT_A_STORE", store]);
    expect(error.message).toContain("coppice init");
  }
  expect((await coppiceError(["log", "--store", store])).error.code).toBe("NOT_A_STORE");
});

test("--store stands before the command or after it, and goes before COPPICE_STORE", async () => {
  const store = join(scratchDirectory(), "store");
  await coppice(["--store", store, "init"]);
  expect(await coppiceJson(["--store", store, "log"])).toMatchObject({ snapshots: [] });
  const env = { COPPICE_STORE: "/nowhere" };
  const { stdout } = await coppice(["log", "--json", "--store", store], { env });
  expect(JSON.parse(stdout)).toMatchObject({ snapshots: [] });
});
