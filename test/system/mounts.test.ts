/** Mounting through the kernel's own calls. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { nodeDisk } from "#dist/disk/node-disk.js";
import { imageDevices } from "#dist/image/image-devices.js";
import { MOUNT_FLAGS } from "#dist/system/mounts.js";
import { bash, calls, captured, imageOf } from "../image/image-fixture.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

const needs = ["mount", "koffi", "byte-names"] as const;

for (const how of ["mount", "mountWith"] as const) {
  testIf(needs, `${how}() mounts with options, on a name that is not UTF-8`, (context) => {
    const system = demandSystemCalls(context);
    const scratch = scratchDirectory();
    const target = Buffer.concat([Buffer.from(`${scratch}/a`), Buffer.from([0xff])]);
    mkdirSync(target);
    const flags = MOUNT_FLAGS.noExecution | MOUNT_FLAGS.noDevices;
    if (how === "mount") system.mount("word", target, "tmpfs", flags, "size=64k,mode=0711");
    else {
      const options = [
        ["source", "word"],
        ["size", "64k"],
        ["mode", "0711"],
      ] as const;
      system.mountWith("tmpfs", options, target, flags);
    }
    let isMounted = true;
    onTestFinished(() => {
      if (isMounted) system.unmount(target, true);
    });
    const line = mountsBelow(scratch);
    expect(line).toMatch(
      /^\d+ \d+ \S+ \/ \S+ rw,nodev,noexec\S* .*- tmpfs word rw,.*size=64k.*mode=711/,
    );
    system.unmount(target);
    isMounted = false;
    expect(mountsBelow(scratch)).toBe("");
  });
}

testIf(needs, "a failure to mount names the call, and what the kernel says", (context) => {
  const system = demandSystemCalls(context);
  const target = scratchDirectory();
  const unknown = [
    ["source", "x"],
    ["no-such-option", "1"],
  ] as const;
  expect(() => system.mountWith("tmpfs", unknown, target, 0)).toThrow(
    /^EINVAL: invalid argument, fsconfig: .*no-such-option/,
  );
  expect(() => system.mountWith("no-such-system", [], target, 0)).toThrow(
    expect.objectContaining({ code: "ENODEV", syscall: "fsopen" }),
  );
  const missing = join(target, "missing");
  expect(() => system.mountWith("tmpfs", [], missing, 0)).toThrow(
    expect.objectContaining({ code: "ENOENT", syscall: "move_mount", path: missing }),
  );
  expect(() => system.mount("x", missing, "tmpfs", 0, "")).toThrow(
    expect.objectContaining({ code: "ENOENT", syscall: "mount", path: missing }),
  );
  expect(() => system.mount("x", target, "tmpfs", 0, "a".repeat(4096))).toThrow(RangeError);
  expect(() => system.unmount(target)).toThrow(
    expect.objectContaining({ code: "EINVAL", syscall: "umount2" }),
  );
  expect(mountsBelow(target)).toBe("");
});

testIf(needs, "unmount() refuses while a file is open, unless it is lazy", (context) => {
  const system = demandSystemCalls(context);
  const target = scratchDirectory();
  system.mount("word", target, "tmpfs", 0, "");
  writeFileSync(join(target, "file"), "");
  const before = process.cwd();
  process.chdir(target);
  try {
    expect(() => system.unmount(target)).toThrow(expect.objectContaining({ code: "EBUSY" }));
  } finally {
    process.chdir(before);
    system.unmount(target, true);
  }
  expect(mountsBelow(target)).toBe("");
});

testIf(
  [...needs, "erofs"],
  "mountWith() takes an image and its devices by long paths",
  async () => {
    const fixture = await captured(bash("yes | head -n 100000 >file"));
    const system = calls();
    const directory = makeDeep(fixture.scratch);
    await imageOf(fixture, "image", { data: "packs" }, nodeDisk(directory));
    const packs = imageDevices(nodeDisk(directory), "image").map((name) => `${name}.pack`);
    expect(packs).toHaveLength(1);
    for (const pack of packs)
      copyFileSync(join(fixture.engine.directory, "packs", pack), join(directory, pack));
    const descriptors = openDescriptors();
    const target = join(directory, "target");
    mkdirSync(target);
    const devices = packs.map((name) => ["device", join(directory, name)] as const);
    system.mountWith("erofs", [["source", join(directory, "image")], ...devices], target, 1);
    onTestFinished(() => system.unmount(target, true));
    expect(readFileSync(join(target, "file"), "utf8")).toBe("y\n".repeat(100_000));

    const missing = join(directory, "missing");
    expect(() => system.mountWith("erofs", [["source", missing]], target, 1)).toThrow(
      expect.objectContaining({ code: "ENOENT", path: missing }),
    );
    const word = ["source", "x".repeat(256)] as const;
    expect(() => system.mountWith("tmpfs", [word], target, 0)).toThrow(
      expect.objectContaining({ code: "EINVAL", syscall: "fsconfig" }),
    );
    expect(openDescriptors()).toBe(descriptors);
  },
);

testIf(needs, "mountWith() takes the layers of an overlay by long paths", (context) => {
  const system = demandSystemCalls(context);
  const directory = makeDeep(scratchDirectory());
  // Not every file system can hold an upper layer.
  system.mount("word", directory, "tmpfs", 0, "");
  onTestFinished(() => system.unmount(directory, true));
  const [target, upper, work, first, second] = [
    "target",
    "upper \\ layer",
    "work:,",
    "first, \\ = : %",
    "second",
  ].map((name) => join(directory, name)) as [string, string, string, string, string];
  for (const each of [target, upper, work, first, second]) mkdirSync(each);
  writeFileSync(join(first, "1"), "lower");
  writeFileSync(join(second, "2"), "lower");
  const descriptors = openDescriptors();
  const options = [
    ["source", "word"],
    ["lowerdir+", first],
    ["lowerdir+", Buffer.from(second)],
    ["upperdir", upper],
    ["workdir", work],
  ] as const;
  system.mountWith("overlay", options, target, 0);
  onTestFinished(() => system.unmount(target, true));
  expect(openDescriptors()).toBe(descriptors);
  expect(readdirSync(target)).toEqual(["1", "2"]);
  writeFileSync(join(target, "2"), "upper");
  expect(readFileSync(join(upper, "2"), "utf8")).toBe("upper");
});

/** Makes a directory with a path of more than 500 bytes. */
function makeDeep(directory: string): string {
  const deep = join(directory, ...Array.from({ length: 5 }, () => "d".repeat(100)));
  mkdirSync(deep, { recursive: true });
  return deep;
}

/** Returns how many descriptors this process has open. */
function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Returns the lines of mountinfo on mounts below a directory. */
function mountsBelow(directory: string): string {
  const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
  return lines.filter((line) => line.split(" ")[4]?.startsWith(directory)).join("\n");
}
