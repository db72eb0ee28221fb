/** Mounting through the kernel's own calls. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { MOUNT_FLAGS } from "#dist/system/mounts.js";
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

/** Returns the lines of mountinfo on mounts below a directory. */
function mountsBelow(directory: string): string {
  const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
  return lines.filter((line) => line.split(" ")[4]?.startsWith(directory)).join("\n");
}
