/** `coppice sandbox`: each command is a process of its own, and goes on with what the one before left. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type {
  sandboxEventJson,
  sandboxJson,
  sandboxSnapshotJson,
} from "#dist/cli/json/sandbox-json.js";
import { emptyStore } from "../../sandbox/sandbox-fixture.js";
import { testIf } from "../../tooling/test-if.js";
import { coppice, coppiceError } from "../coppice.js";

interface Document {
  readonly sandboxes: readonly ReturnType<typeof sandboxJson>[];
  readonly snapshots: readonly ReturnType<typeof sandboxSnapshotJson>[];
  readonly snapshot: ReturnType<typeof sandboxSnapshotJson>;
  readonly entries: readonly { readonly path: string; readonly mode: string }[];
}

const env = { OWN_TOKEN: "secret-value" };

test("a sandbox is made, used, paused, captured, restored and deleted by commands", async () => {
  const { scratch, storeDirectory } = await emptyStore();
  const sandbox = (...args: string[]) =>
    coppice(["--store", storeDirectory, "sandbox", ...args], { env, input: "given" });
  const json = async (...args: string[]) =>
    JSON.parse((await sandbox(...args, "--json")).stdout) as Document;
  const variables = ["--env", "MODE=test", "--secret", "TOKEN=env:OWN_TOKEN", "--model", "m-1"];
  const made = await json("create", "one", "--driver", "copy", ...variables);
  expect(made.sandboxes).toMatchObject([
    {
      name: "one",
      state: "running",
      config: { model: "m-1", environment: { MODE: "test" }, secrets: { TOKEN: "env:OWN_TOKEN" } },
    },
  ]);
  const line = 'cat; echo " $MODE $TOKEN $MORE" | sed s/secret-value/secret/; pwd; exit 7';
  const ran = await coppice(
    [
      "--store",
      storeDirectory,
      ...["sandbox", "exec", "one", "--env", "MORE=x", "--", "sh", "-c", line],
    ],
    { env, input: "given", allowFailure: true },
  );
  expect([ran.exitCode, ran.stdout]).toEqual([
    7,
    `given test secret x\n${made.sandboxes[0]!.path}\n`,
  ]);
  writeFileSync(join(scratch, "local"), "local\n");
  await sandbox("files", "put", "one", join(scratch, "local"), "/file");
  await sandbox("files", "put", "one", "-", "/piped");
  expect((await json("files", "ls", "one")).entries.map(({ path }) => path)).toEqual([
    "/file",
    "/piped",
  ]);
  expect((await sandbox("files", "cat", "one", "piped")).stdout).toBe("given");
  await sandbox("files", "get", "one", "file", join(scratch, "got"));
  expect(readFileSync(join(scratch, "got"), "utf8")).toBe("local\n");
  await sandbox("files", "rm", "one", "piped");
  await sandbox("pause", "one");
  const refused = await coppiceError(["--store", storeDirectory, "sandbox", "exec", "one", "true"]);
  expect([refused.exitCode, refused.error.code]).toEqual([1, "SANDBOX_PAUSED"]);
  const { snapshot } = await json("snapshot", "one", "--name", "frozen");
  expect(snapshot).toMatchObject({ name: "frozen", sizeBytes: 6, status: "ready" });
  await sandbox("resume", "one");
  await sandbox("delete", "one");
  const restored = await json("restore", "frozen", "attempt", "--count", "2", "--driver", "copy");
  expect(restored.sandboxes.map(({ name, restoredFrom }) => [name, restoredFrom])).toEqual([
    ["attempt-1", snapshot.id],
    ["attempt-2", snapshot.id],
  ]);
  expect((await json("list")).sandboxes).toEqual(restored.sandboxes);
  expect((await sandbox("list", "--quiet")).stdout.trim().split("\n")).toHaveLength(2);
  expect((await sandbox("files", "ls", "attempt-2")).stdout).toBe("file\n");
  expect((await json("snapshots")).snapshots).toEqual([snapshot]);
  const told = (await sandbox("events", made.sandboxes[0]!.id, "--json")).stdout.trim().split("\n");
  const events = told.map((each) => JSON.parse(each) as ReturnType<typeof sandboxEventJson>);
  expect(events.map(({ kind }) => kind)).toEqual([
    ...["created", "command", "command-ended", "uploaded", "file-written", "downloaded"],
    ...["file-removed", "paused", "snapshot", "resumed", "deleted"],
  ]);
  expect(told.join()).not.toContain(env.OWN_TOKEN);
  await sandbox("delete", "attempt-1", "attempt-2");
  await sandbox("snapshots", "--delete", "frozen");
  expect((await json("snapshots")).snapshots).toEqual([]);
});

testIf("bubblewrap", "a sandbox made by a command can be isolated", async () => {
  const { storeDirectory } = await emptyStore();
  const sandbox = (...args: string[]) => coppice(["--store", storeDirectory, "sandbox", ...args]);
  await sandbox("create", "one", "--driver", "copy", "--isolation", "bubblewrap", "--at", "/files");
  expect((await sandbox("exec", "one", "pwd")).stdout).toBe("/files\n");
});
