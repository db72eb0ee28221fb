import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import type { FileCall } from "./children/file-calls.mjs";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

const base: readonly FileCall[] = [
  ["mkdir", "/directory"],
  ["writeFile", "/file", "text"],
  ["symlink", "directory", "/link"],
  ["symlink", "/file", "/absolute"],
  ["symlink", "missing", "/dangling"],
  ["symlink", "missing/", "/slashed"],
  ["symlink", "loop", "/loop"],
  ["symlink", "../../../directory", "/above"],
  ["symlink", "x".repeat(4095), "/long"],
  ["mkdir", Buffer.from("/\xff\xfe", "latin1")],
  ["writeFile", Buffer.from("/\xff\xfe/\x80", "latin1"), "bytes"],
];

/** Fills up with what means nothing, to a number of bytes. */
function padded(path: string, bytes: number): string {
  const left = bytes - path.length;
  return "/".repeat(left % 2) + "./".repeat(Math.floor(left / 2)) + path;
}

const ends = ["", "/", "//", "/.", "/..", "/../..", "/x", "/../file", "/./../link/"];
const names = [
  "directory",
  "file",
  "link",
  "absolute",
  "dangling",
  "slashed",
  "loop",
  "above",
  "long",
  "missing",
];

const paths: readonly (string | Buffer)[] = [
  ...["", ".", "..", "/", "//", "/..", "../..", "./.", "/./", "a\0b", "\0", " ", "\n", "file\0"],
  ...names.flatMap((name) => ends.map((end) => `/${name}${end}`)),
  ...names.map((name) => `..//../${name}`),
  ...[255, 256].flatMap((bytes) => [`/${"n".repeat(bytes)}`, `/${"n".repeat(bytes)}/x`]),
  // In characters it is short enough, in bytes it is not.
  `/${"\u00fc".repeat(128)}`,
  ...["file", "directory", "missing", "missing/x"].flatMap((path) =>
    [4094, 4095, 4096, 5000].map((bytes) => padded(path, bytes)),
  ),
  ...["\xff\xfe", "\xff\xfe/\x80", "\xff\xfe/\x81", "\xff", "a\0b", ""].map((path) =>
    Buffer.from(path, "latin1"),
  ),
];

/** Calls on one path; what they make is in the way of the next ones, on both sides. */
function callsOn(path: string | Buffer): readonly FileCall[] {
  const target = Buffer.isBuffer(path) ? Buffer.from("/\xff\xfe/new", "latin1") : "/directory/new";
  return [
    ["stat", path],
    ["lstat", path],
    ["exists", path],
    ["access", path],
    ["readFile", path],
    ["readdir", path, {}],
    ["opendir", path],
    ["readlink", path, "buffer"],
    // Who is longer than a path can be is asked for name by name: realpath is of the C library, not of the kernel.
    ...(path.length < 4096 ? [["realpath", path, "buffer"] as const] : []),
    ["open", 0, path, "r"],
    ["open", 0, path, "r+"],
    ["open", 0, path, "wx"],
    ["chmod", path, 0o700],
    ["chown", path, 1, 1],
    ["lchown", path, 1, 1],
    ["utimes", path, 1, 1],
    ["lutimes", path, 1, 1],
    ["truncate", path, 3],
    ["symlink", path, target],
    ["unlink", target],
    ["symlink", "file", path],
    ["link", path, target],
    ["unlink", target],
    ["link", "/file", path],
    ["copyFile", path, target],
    ["unlink", target],
    ["copyFile", "/file", path],
    ["mkdir", path],
    ["appendFile", path, "x"],
    ["writeFile", path, "y"],
    ["rename", path, "/renamed"],
    ["rename", "/renamed", path],
    ["rename", "/directory", path],
    ["rename", path, "/directory"],
    ["rmdir", path],
    ["unlink", path],
    ["mkdir", path, { recursive: true }],
    ["rmdir", path],
  ];
}

testIf(realFilesNeed, "paths at the edge are answered as by the kernel", async () => {
  const { real, store } = await RealFiles.besideStore();
  for (const path of paths) {
    await real.reset();
    const overlay = new FileCalls(store.overlay());
    const all: readonly FileCall[] = [...base, ...callsOn(path), ["everything"]];
    const expected = await real.calls(all);
    for (const [index, each] of all.entries())
      expect([each, await overlay.call(each)]).toEqual([each, expected[index]]);
  }
});

test("nothing above the root of an overlay is ever reached", async () => {
  const scratch = scratchDirectory();
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const overlay = store.overlay();
  await overlay.symlink(scratch, "/out");
  await overlay.symlink("../../../../../../..", "/up");
  expect(await overlay.exists(`/out/store`)).toBe(false);
  expect(await overlay.exists(`/up${scratch}`)).toBe(false);
  expect(await overlay.exists(`../../..${scratch}`)).toBe(false);
  expect(await overlay.realpath("/up/../up/..")).toBe("/");
  // Not by links to links, nor by ones that were moved to where they lead further up.
  await overlay.mkdir("/deep/er", { recursive: true });
  await overlay.symlink("../..", "/deep/er/above");
  await overlay.symlink(`above/above${scratch}`, "/deep/er/chain");
  await overlay.rename("/deep/er/above", "/above");
  await overlay.rename("/deep/er/chain", "/chain");
  expect(await overlay.exists("/chain/store")).toBe(false);
  expect(await overlay.realpath("/above/../above")).toBe("/");
  await overlay.mkdir(`../..${scratch}`, { recursive: true });
  await overlay.writeFile("/out/own", "own");
  expect(await overlay.readFile(`${scratch}/own`, "utf8")).toBe("own");
  expect(await overlay.readdir("/out")).toEqual(["own"]);
});
