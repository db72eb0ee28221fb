import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

testIf(
  "koffi",
  "startWriteback() has the pages written: their place on the disk is no longer delayed",
  async (context) => {
    const system = demandSystemCalls(context);
    const path = join(scratchDirectory(), "file");
    const fd = openSync(path, "w+");
    onTestFinished(() => closeSync(fd));
    const data = Buffer.alloc(4 * 2 ** 20, "data");
    writeSync(fd, data);
    const before = await run("filefrag", ["-v", path], { allowFailure: true }).catch(
      () => undefined,
    );
    if (before?.exitCode !== 0 || !before.stdout.includes("delalloc")) {
      context.skip(
        `needs filefrag and a file system that delays allocation: ${before?.stderr || "none is told"}`,
      );
    }
    system.startWriteback(fd, 0, 2 ** 20);
    expect((await run("filefrag", ["-v", path])).stdout).toMatch(
      /^ +0: +0\.\. +\d+: (?!.*delalloc)/m,
    );
    system.startWriteback(fd, 2 ** 20, 0);
    expect((await run("filefrag", ["-v", path])).stdout).not.toContain("delalloc");
    fdatasyncSync(fd);
    expect(readFileSync(path).equals(data)).toBe(true);
  },
);

testIf("koffi", "syncFileSystem() takes any descriptor on the file system", (context) => {
  const system = demandSystemCalls(context);
  const fd = openSync(scratchDirectory(), "r");
  onTestFinished(() => closeSync(fd));
  expect(system.syncFileSystem(fd)).toBeUndefined();
});

testIf(
  "koffi",
  "startWriteback() and syncFileSystem() report failures as node:fs does",
  async (context) => {
    const system = demandSystemCalls(context);
    expect(() => system.syncFileSystem(-1)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "syncfs" }),
    );
    expect(() => system.startWriteback(-1, 0, 0)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "sync_file_range" }),
    );
    const fifo = join(scratchDirectory(), "fifo");
    await run("mkfifo", [fifo]);
    const fd = openSync(fifo, "r+");
    onTestFinished(() => closeSync(fd));
    expect(() => system.startWriteback(fd, 0, 0)).toThrow(
      expect.objectContaining({ code: "ESPIPE" }),
    );
  },
);
