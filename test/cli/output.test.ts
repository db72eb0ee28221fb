import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { run } from "../support/run.js";
import { coppice, MAIN } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";
import { coppiceInTerminal } from "./terminal.js";

const ESCAPE = "\u001b";
const HELP = [process.execPath, MAIN, "--help"];

/** Ends the test as skipped where there is no script(1) of util-linux to make a terminal. */
async function demandTerminal(context: TestContext): Promise<void> {
  const found = await run("script", ["--version"], { allowFailure: true }).catch(() => undefined);
  if (found?.stdout.includes("util-linux") !== true) context.skip("needs script(1) of util-linux");
}

test("a terminal gets colours, a pipe does not", async (context) => {
  await demandTerminal(context);
  const { store } = await storeWithSnapshots();
  const args = ["diff", "first", "second", "--store", store];
  const inTerminal = await coppiceInTerminal(args);
  const inPipe = await coppice(args);
  expect(inTerminal.stdout).toContain(`${ESCAPE}[`);
  expect(inPipe.stdout).not.toContain(ESCAPE);
  expect(stripVTControlCharacters(inTerminal.stdout).replaceAll("\r", "")).toBe(inPipe.stdout);
});

for (const [name, value] of [
  ["NO_COLOR", "1"],
  ["TERM", "dumb"],
] as const) {
  test(`${name}=${value} switches colours off`, async (context) => {
    await demandTerminal(context);
    const { store } = await storeWithSnapshots();
    const { stdout } = await coppiceInTerminal(["log", "--store", store], { [name]: value });
    expect(stdout).toContain("second");
    expect(stdout).not.toContain(ESCAPE);
  });
}

test("JSON in a terminal is indented, and progress does not come between", async (context) => {
  await demandTerminal(context);
  const { source, store } = await storeWithSnapshots();
  const { stdout } = await coppiceInTerminal(["snapshot", source, "--store", store, "--json"]);
  expect(stdout.replaceAll("\r", "")).toMatch(/^\{\n {2}"snapshot": \{\n/);
  expect(JSON.parse(stdout)).toMatchObject({ report: { entries: 7 } });
});

test("help that nobody reads to its end, or that cannot be written, ends as other output does", async () => {
  const ended = await run("bash", ["-c", `"$@" | true; exit \${PIPESTATUS[0]}`, "bash", ...HELP], {
    allowFailure: true,
  });
  expect([ended.exitCode, ended.stderr]).toEqual([141, ""]);
  if (!existsSync("/dev/full")) return;
  const full = await run("bash", ["-c", `"$@" >/dev/full`, "bash", ...HELP], {
    allowFailure: true,
  });
  expect(full.exitCode).toBe(1);
  expect(full.stderr).toContain("DISK_FULL");
});

test("a pipe gets results on standard output and nothing on standard error", async () => {
  const { scratch, store } = await storeWithSnapshots();
  const { stdout, stderr } = await coppice([
    "restore",
    "first",
    join(scratch, "new"),
    "--store",
    store,
  ]);
  expect(stdout).toContain("6 created, 1 directory made");
  expect(stderr).toBe("");
});
