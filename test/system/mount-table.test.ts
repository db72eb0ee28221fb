/** What is mounted where. */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { splitDeviceNumber } from "#dist/system/device-number.js";
import { parseMounts, readMounts } from "#dist/system/mount-table.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

test("parseMounts() takes a line apart, with any number of tags", () => {
  const lines = [
    "36 35 98:0 /a /b rw,noatime - ext4 /dev/sda1 rw,errors=remount-ro",
    "37 36 0:52 / /b/c ro shared:1 master:2 propagate_from:3 - tmpfs - rw",
    "",
  ];
  expect(parseMounts(lines.join("\n"))).toEqual([
    {
      id: 36,
      parentId: 35,
      device: "98:0",
      root: "/a",
      mountPoint: "/b",
      options: [["rw"], ["noatime"]],
      type: "ext4",
      source: "/dev/sda1",
      fileSystemOptions: [["rw"], ["errors", "remount-ro"]],
    },
    {
      id: 37,
      parentId: 36,
      device: "0:52",
      root: "/",
      mountPoint: "/b/c",
      options: [["ro"]],
      type: "tmpfs",
      source: "-",
      fileSystemOptions: [["rw"]],
    },
  ]);
});

test("parseMounts() decodes what the kernel escapes, after it is taken apart", () => {
  const line =
    "1 1 0:1 /\\134040 /\\040\\011\\012\\134\\054\xc3\xa9 rw - overlay \\043 rw,lowerdir+=/a\\054b,lowerdir+=/c=d,upperdir=/\xff\\040";
  const [mount] = parseMounts(line);
  expect(mount).toMatchObject({ root: "/\\040", mountPoint: "/ \t\n\\,é", source: "#" });
  expect(mount?.fileSystemOptions).toEqual([
    ["rw"],
    ["lowerdir+", "/a,b"],
    ["lowerdir+", "/c=d"],
    ["upperdir", Buffer.from("/\xff ", "latin1")],
  ]);
});

testIf(
  ["mount", "koffi", "byte-names"],
  "readMounts() tells of an overlay with strange names where it is and what it is made of",
  (context) => {
    const system = demandSystemCalls(context);
    const scratch = join(scratchDirectory(), "a b,c=d\\e\n#\té");
    const [target, lower, upper, work] = ["target", "lower", "upper", "work"].map((name) =>
      join(scratch, name),
    ) as [string, string, string, string];
    const bytes = Buffer.concat([Buffer.from(lower), Buffer.from([0xff])]);
    // Upper and work directories of an overlay cannot lie on every file system.
    mkdirSync(scratch, { recursive: true });
    system.mount("word", scratch, "tmpfs", 0, "");
    onTestFinished(() => system.unmount(scratch, true));
    for (const each of [target, lower, upper, work, bytes]) mkdirSync(each);
    const options = [
      ["source", "some words"],
      ["lowerdir+", lower],
      ["lowerdir+", bytes],
      ["upperdir", upper],
      ["workdir", work],
    ] as const;
    system.mountWith("overlay", options, target, 0);
    onTestFinished(() => system.unmount(target, true));
    const mounts = readMounts() ?? [];
    const below = mounts.find(({ mountPoint }) => mountPoint === scratch);
    const found = mounts.find(({ mountPoint }) => mountPoint === target);
    expect(below).toMatchObject({ type: "tmpfs", source: "word", root: "/" });
    expect(found).toMatchObject({ type: "overlay", source: "some words", parentId: below?.id });
    expect(found?.fileSystemOptions).toEqual(
      expect.arrayContaining([
        ["upperdir", upper],
        ["workdir", work],
      ]),
    );
    const { major, minor } = splitDeviceNumber(statSync(target).dev);
    expect(found?.device).toBe(`${major}:${minor}`);
  },
);
