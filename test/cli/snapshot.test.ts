import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchDirectory } from "../support/scratch.js";
import { coppice, coppiceError, coppiceJson, MAIN } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

test("snapshot tells what it captured, as text and as JSON", async () => {
  const { source, store } = await storeWithSnapshots();
  const { snapshot, report } = await coppiceJson([
    "snapshot",
    source,
    "--store",
    store,
    "--label",
    "a=b=c",
  ]);
  expect(snapshot).toEqual({
    id: expect.stringMatching(/^[0-9a-z]{16}$/),
    name: null,
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    stateDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    parent: null,
    parents: [],
    labels: { a: "b=c" },
    source,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    entryCount: 7,
    totalBytes: expect.any(Number),
  });
  expect(report).toMatchObject({
    entries: 7,
    totalBytes: snapshot.totalBytes,
    bytesStored: expect.any(Number),
    excluded: { count: 0, paths: [] },
    unreadable: { count: 0, paths: [] },
    durability: "full",
    durationMs: expect.any(Number),
  });

  const text = await coppice(["snapshot", source, "--store", store, "--name", "spoken"]);
  expect(text.stdout).toContain(`spoken  ${source}`);
  expect(text.stdout).toContain("7 entries");
  expect(text.stderr).toBe("");
});

test("snapshot captures the working directory unless told, and prints the id alone with --quiet", async () => {
  const { source, store } = await storeWithSnapshots();
  const { stdout } = await coppice(["snapshot", "--quiet"], {
    cwd: source,
    env: { COPPICE_STORE: store },
  });
  const { snapshots } = await coppiceJson(["log", "--store", store, "--limit", "1"]);
  expect(snapshots[0]).toMatchObject({ id: stdout.trim(), source });
});

test("snapshot leaves out what it is told to, and says so", async () => {
  const { source, store } = await storeWithSnapshots();
  writeFileSync(join(source, ".gitignore"), "*.md\n");
  const args = ["snapshot", source, "--store", store, "--gitignore", "-x", "*.sh", "-x", "swapped"];
  const { snapshot, report } = await coppiceJson(args);
  expect(report.excluded.count).toBe(4);
  const { entries } = await coppiceJson(["ls", snapshot.id, "-R", "--store", store]);
  expect(entries.map((each) => each.path)).toEqual([
    ".gitignore",
    "docs",
    "edited.txt",
    "new-name.txt",
  ]);
  expect((await coppice(args)).stdout).toContain("4 names excluded");
});

test("snapshot refuses a name that is taken, a source that is missing and a parent that is unknown", async () => {
  const { scratch, source, store } = await storeWithSnapshots();
  const fails = async (...args: string[]) => {
    const { exitCode, error } = await coppiceError(["snapshot", "--store", store, ...args]);
    return [exitCode, error.code];
  };
  expect(await fails(source, "--name", "first")).toEqual([1, "NAME_TAKEN"]);
  expect(await fails(join(scratch, "missing"))).toEqual([1, "NOT_FOUND"]);
  expect(await fails(join(source, "run.sh"))).toEqual([1, "NOT_A_DIRECTORY"]);
  expect(await fails(source, "--parent", "unknown")).toEqual([1, "NOT_FOUND"]);
  expect((await coppiceJson(["log", "--store", store])).snapshots).toHaveLength(2);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s in the middle of a capture leaves no snapshot",
  async (signal) => {
    const scratch = scratchDirectory();
    const source = join(scratch, "source");
    const store = join(scratch, "store");
    mkdirSync(source);
    // So much to read that the capture is far from its end when it starts to write.
    const bytes = randomFillSync(Buffer.alloc(4 * 1024 * 1024));
    for (let index = 0; index < 64; index++) {
      bytes.writeUInt32LE(index);
      writeFileSync(join(source, `${index}`), bytes);
    }
    await coppice(["init", store]);

    const watcher = watch(join(store, "packs"));
    const args = ["snapshot", source, "--store", store, "--json", "--workers", "0"];
    const child = spawn(process.execPath, [MAIN, ...args]);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (text: Buffer) => (output.stdout += text));
    child.stderr.on("data", (text: Buffer) => (output.stderr += text));
    const closed = once(child, "close");
    await Promise.race([once(watcher, "change"), closed]);
    watcher.close();
    child.kill(signal);
    expect(await closed).toEqual([signal === "SIGINT" ? 130 : 143, null]);
    expect(output.stdout).toBe("");
    expect(JSON.parse(output.stderr).error.code).toBe("ABORTED");
    expect(await coppiceJson(["log", "--store", store])).toMatchObject({ snapshots: [] });
  },
);
