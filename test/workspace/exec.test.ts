/** exec(): a child process in the workspace, nothing more. */
import { join } from "node:path";
import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, needs } from "./workspace-fixture.js";

testIf(needs, "exec() gives what a program says and how it ends", async () => {
  const { store, scratch } = await capturedBy("echo content >file");
  const workspace = await store.fork("base", { dir: join(scratch, "workspace") });
  expect(await workspace.exec("cat", ["file", "missing"])).toMatchObject({
    exitCode: 1,
    signal: null,
    stdout: "content\n",
    stderr: expect.stringContaining("missing"),
  });
  const env = { PATH: process.env.PATH, OWN: "value" };
  const echo = await workspace.exec("sh", ["-c", "cat; echo $OWN$HOME; pwd"], {
    env,
    input: "in ",
  });
  expect(echo.stdout).toBe(`in value\n${workspace.path}\n`);
  expect(await workspace.exec("sh", ["-c", "kill -TERM $$"])).toMatchObject({
    exitCode: null,
    signal: "SIGTERM",
  });
  // Not a pipe without an end, nor a socket, by which bash takes itself for a remote shell's.
  const nothing = await workspace.exec("readlink", ["/proc/self/fd/0"]);
  expect(nothing.stdout).toBe("/dev/null\n");
  const pieces: string[] = [];
  const streamed = await workspace.exec("sh", ["-c", "echo one; echo two >&2"], {
    onOutput: (stream, bytes) => pieces.push(`${stream} ${bytes.toString()}`),
  });
  expect(streamed.stdout + streamed.stderr).toBe("");
  expect(pieces.sort()).toEqual(["stderr two\n", "stdout one\n"]);
});

testIf(
  needs,
  "exec() ends what takes too long or is aborted, with all that it started",
  async () => {
    const { store, scratch } = await capturedBy("echo content >file");
    const workspace = await store.fork("base", { dir: join(scratch, "workspace") });
    const long = ["-c", "sleep 1000 & sleep 1000"];
    await expect(workspace.exec("sh", long, { timeout: 50 })).rejects.toMatchObject({
      code: "TIMEOUT",
    });
    const controller = new AbortController();
    const aborted = workspace.exec("sh", ["-c", "echo begun; sleep 1000 & sleep 1000"], {
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await expect(workspace.exec("no-such-program")).rejects.toMatchObject({ code: "NOT_FOUND" });
    // Nothing holds the workspace any more.
    await workspace.discard();
  },
);
