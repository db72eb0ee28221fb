import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { SystemCalls } from "#dist/system/system-calls.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

const MEBIBYTE = 2 ** 20;
const BEYOND_32_BITS = 2 ** 32 + 4 * MEBIBYTE;

testIf(
  "koffi",
  "seekData() and seekHole() find the islands of a file, beyond 2^32 too",
  (context) => {
    const system = demandSystemCalls(context);
    const fd = sparseFile();
    expect(segments(system, fd)).toEqual([
      [MEBIBYTE, 2 * MEBIBYTE],
      [BEYOND_32_BITS, BEYOND_32_BITS + MEBIBYTE],
    ]);
    expect(system.seekData(fd, MEBIBYTE + 5)).toBe(MEBIBYTE + 5);
    expect(system.seekHole(fd, 5)).toBe(5);
    expect(system.seekHole(fd, BEYOND_32_BITS + 5)).toBe(BEYOND_32_BITS + MEBIBYTE);
  },
);

testIf("koffi", "seekData() and seekHole() are undefined where nothing follows", (context) => {
  const system = demandSystemCalls(context);
  const fd = sparseFile();
  const size = BEYOND_32_BITS + MEBIBYTE;
  expect(system.seekData(fd, size)).toBeUndefined();
  expect(system.seekHole(fd, size)).toBeUndefined();
  expect(system.seekHole(fd, 2 ** 52)).toBeUndefined();
  const empty = openScratch("w+");
  expect(system.seekData(empty, 0)).toBeUndefined();
  expect(system.seekHole(empty, 0)).toBeUndefined();
});

testIf(
  "koffi",
  "seekData() refuses what is no offset, and reports failures as node:fs does",
  async (context) => {
    const system = demandSystemCalls(context);
    for (const offset of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => system.seekData(0, offset)).toThrow(RangeError);
    }
    expect(() => system.seekData(-1, 0)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "lseek" }),
    );
    const fifo = join(scratchDirectory(), "fifo");
    await run("mkfifo", [fifo]);
    const fd = openSync(fifo, "r+");
    onTestFinished(() => closeSync(fd));
    expect(() => system.seekHole(fd, 0)).toThrow(expect.objectContaining({ code: "ESPIPE" }));
  },
);

testIf("koffi", "the segments are those that xfs_io finds", async (context) => {
  const system = demandSystemCalls(context);
  const tool = await run("bash", ["-c", "command -v xfs_io"], { allowFailure: true });
  if (tool.exitCode !== 0) context.skip("needs xfs_io (package xfsprogs)");
  const path = join(scratchDirectory(), "file");
  await run("bash", [
    "-c",
    'for at in 3 4096 70000 9000000 9437184 5000000000; do printf data | dd of="$0" bs=1 seek=$at conv=notrunc; done',
    path,
  ]);
  const fd = openSync(path, "r");
  onTestFinished(() => closeSync(fd));
  const { stdout } = await run("xfs_io", ["-r", "-c", "seek -a -r 0", path]);
  const whence = [...stdout.matchAll(/^(DATA|HOLE)\s+(\d+)$/gm)].map(([, kind, offset]) => [
    kind,
    Number(offset),
  ]);
  const found = segments(system, fd).flatMap(([data, hole]) => [
    ["DATA", data],
    ["HOLE", hole],
  ]);
  expect(found).toEqual(whence.filter(([kind, offset]) => kind === "DATA" || offset !== 0));
});

/** A hole, 1 MiB of data, a hole to beyond 4 GiB, 1 MiB of data. */
function sparseFile(): number {
  const fd = openScratch("w+");
  const data = Buffer.alloc(MEBIBYTE, "data");
  writeSync(fd, data, 0, data.length, MEBIBYTE);
  writeSync(fd, data, 0, data.length, BEYOND_32_BITS);
  return fd;
}

function openScratch(flags: string): number {
  const fd = openSync(join(scratchDirectory(), "file"), flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

function segments(system: SystemCalls, fd: number): [data: number, hole: number][] {
  const found: [number, number][] = [];
  for (let end = 0; ; ) {
    const data = system.seekData(fd, end);
    if (data === undefined) return found;
    end = system.seekHole(fd, data) ?? data;
    if (end <= data) throw new Error(`data at ${data} ends at ${end}`);
    found.push([data, end]);
  }
}
