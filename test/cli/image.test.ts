/** `coppice image`. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../support/run.js";
import { testIf } from "../tooling/test-if.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";
import { storeWithSnapshots } from "./store-with-snapshots.js";

testIf("erofs-utils", "image writes a snapshot into a file, which its tools read", async () => {
  const { scratch, store } = await storeWithSnapshots();
  const file = join(scratch, "root.erofs");
  const own = ["--store", store];
  const { stdout, stderr } = await coppice(["image", "first", file, ...own]);
  expect(stderr).toBe("");
  const [, uuid] =
    stdout.match(/^✔ \S+ first → .*root\.erofs\n {2}\d+ inodes, .*\n {2}UUID (.*)\n$/) ?? [];
  expect((await run("dump.erofs", ["-s", file])).stdout).toContain(uuid);
  const extracted = join(scratch, "extracted");
  await run("fsck.erofs", [`--extract=${extracted}`, file]);
  expect(readFileSync(join(extracted, "docs", "guide.md"), "utf8")).toBe("# Guide\n");
});

test("image tells what it did as JSON, and refuses with a code", async () => {
  const { scratch, store } = await storeWithSnapshots();
  const file = join(scratch, "root.erofs");
  const own = ["--store", store];
  const uuid = "01234567-89ab-4cde-8f01-23456789abcd";
  const told = await coppiceJson(["image", "second", file, "--uuid", uuid, ...own]);
  expect(told).toMatchObject({
    snapshot: { name: "second" },
    file,
    report: { uuid, sizeBytes: statSync(file).size, omittedXattrs: { count: 0, xattrs: [] } },
  });
  expect(told.report.inodeCount).toBe(told.snapshot.entryCount + 1);

  const cases: readonly (readonly [string[], string, number])[] = [
    [["second", file], "TARGET_NOT_EMPTY", 1],
    [["third", file], "NOT_FOUND", 1],
    [["second", scratch], "INVALID_ARGUMENT", 1],
    [["second", join(store, "x")], "INVALID_ARGUMENT", 1],
    [["second", file, "--uuid", "x"], "USAGE", 2],
    [["second", file, "--durability", "some"], "USAGE", 2],
    [["second"], "USAGE", 2],
  ];
  for (const [args, code, exit] of cases) {
    const { exitCode, error } = await coppiceError(["image", ...args, ...own]);
    expect([exitCode, error.code], args.join(" ")).toEqual([exit, code]);
  }
  expect(existsSync(join(store, "x"))).toBe(false);
  writeFileSync(file, "old");
  await coppice(["image", "second", file, "--force", "--durability", "relaxed", ...own]);
  expect(statSync(file).size).toBe(told.report.sizeBytes);
});
