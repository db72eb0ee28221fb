import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../support/run.js";
import { coppice, coppiceError, coppiceJson, MAIN } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

/** More than a pipe and the stream before it hold. */
const BYTES = randomBytes(3_000_000);

async function storeWithBytes() {
  const made = await storeWithSnapshots();
  writeFileSync(join(made.source, "bytes"), BYTES);
  await coppice(["snapshot", made.source, "--name", "third", "--store", made.store]);
  return made;
}

test("cat writes the bytes as they are, or a range of them", async () => {
  const { store } = await storeWithBytes();
  const cat = async (...args: string[]): Promise<Buffer> => {
    return (await coppice(["cat", "third", "bytes", "--store", store, ...args])).stdoutBytes;
  };
  expect((await cat()).equals(BYTES)).toBe(true);
  const middle = await cat("--start", "1000000", "--end", "1000100");
  expect(middle.equals(BYTES.subarray(1_000_000, 1_000_100))).toBe(true);
  expect((await cat("--start", "2999999", "--end", "9000000")).length).toBe(1);
  expect((await cat("--start", "9000000")).length).toBe(0);
});

test("cat --json gives text as it is and other bytes as Base64", async () => {
  const { store } = await storeWithBytes();
  const text = await coppiceJson(["cat", "first", "edited.txt", "--store", store]);
  expect(text).toMatchObject({ encoding: "utf8", content: "before\n", start: 0, end: 7 });
  expect(text.entry).toMatchObject({ path: "edited.txt", sizeBytes: 7 });
  const bytes = await coppiceJson(["cat", "third", "bytes", "--start", "7", "--store", store]);
  expect(bytes.encoding).toBe("base64");
  expect(Buffer.from(bytes.content, "base64").equals(BYTES.subarray(7))).toBe(true);
});

test("cat refuses what is no regular file", async () => {
  const { store } = await storeWithSnapshots();
  for (const path of ["docs", "swapped"]) {
    const { exitCode, error } = await coppiceError(["cat", "second", path, "--store", store]);
    expect([exitCode, error.code]).toEqual([1, "INVALID_ARGUMENT"]);
  }
});

test("a reader that leaves ends cat without a word", async () => {
  const { store } = await storeWithBytes();
  const script = `set -o pipefail; "$@" | head -c 10`;
  const args = [
    "-c",
    script,
    "bash",
    process.execPath,
    MAIN,
    "cat",
    "third",
    "bytes",
    "--store",
    store,
  ];
  const { exitCode, stdoutBytes, stderr } = await run("bash", args, { allowFailure: true });
  expect({ exitCode, stderr }).toEqual({ exitCode: 141, stderr: "" });
  expect(stdoutBytes.equals(BYTES.subarray(0, 10))).toBe(true);
});

test("output that cannot be written is a failure", async (context) => {
  if (!existsSync("/dev/full")) context.skip("needs /dev/full");
  const { store } = await storeWithBytes();
  for (const command of [
    ["cat", "third", "bytes"],
    ["log", "--json"],
  ]) {
    const args = [
      "-c",
      `"$@" > /dev/full`,
      "bash",
      process.execPath,
      MAIN,
      ...command,
      "--store",
      store,
    ];
    const { exitCode, stderr } = await run("bash", args, { allowFailure: true });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("DISK_FULL");
  }
});
