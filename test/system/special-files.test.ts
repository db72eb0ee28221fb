import { constants, lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDeviceNumber, splitDeviceNumber } from "#dist/system/device-number.js";
import { loadNativeLibrary } from "#dist/system/native-library.js";
import { specialFileCalls } from "#dist/system/special-files.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

const { S_IFBLK, S_IFCHR, S_IFIFO, S_IFREG } = constants;

/**
 * The ends of both ranges, and what lies on either side of where the minor number is cut in two.
 */
const numbers: readonly (readonly [major: number, minor: number])[] = [
  [0, 0],
  [1, 3],
  [7, 99],
  [8, 255],
  [8, 256],
  [240, 1_048_575],
  [259, 74_565],
  [4095, 0],
  [4095, 1_048_575],
];

testIf(
  ["koffi", "devices", "tools"],
  "makeNode() makes the devices that mknod makes",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    for (const [major, minor] of numbers) {
      const name = `${major}-${minor}`;
      system.makeNode(join(directory, `b-${name}`), S_IFBLK | 0o640, major, minor);
      system.makeNode(Buffer.from(join(directory, `c-${name}`)), S_IFCHR | 0o600, major, minor);
      await run("mknod", [
        "-m",
        "640",
        join(directory, `b-${name}-mknod`),
        "b",
        `${major}`,
        `${minor}`,
      ]);
      await run("mknod", [
        "-m",
        "600",
        join(directory, `c-${name}-mknod`),
        "c",
        `${major}`,
        `${minor}`,
      ]);
      for (const type of ["b", "c"]) {
        const made = join(directory, `${type}-${name}`);
        const { stdout } = await run("stat", ["-c", "%A %t:%T", made, `${made}-mknod`]);
        const [first, second] = stdout.split("\n");
        expect(first).toBe(second);
        expect(first).toContain(`${major.toString(16)}:${minor.toString(16)}`);
        expect(splitDeviceNumber(lstatSync(made).rdev, "linux")).toEqual({ major, minor });
        expect(splitDeviceNumber(lstatSync(made, { bigint: true }).rdev, "linux")).toEqual({
          major,
          minor,
        });
      }
    }
  },
);

testIf(
  ["koffi", "devices", "tools"],
  "makeNode() works with a C library that has __xmknod in place of mknod",
  async (context) => {
    demandSystemCalls(context);
    const library = loadNativeLibrary();
    if ("unavailable" in library) throw new Error(library.unavailable);
    try {
      library.declare(
        "int __xmknod(int version, const char *path, uint32_t mode, const void *device)",
      );
    } catch {
      context.skip("this C library has no __xmknod: it is not glibc");
    }
    const old = specialFileCalls({
      ...library,
      declare(prototype) {
        if (/ mknod\(/.test(prototype)) throw new Error("there is no mknod");
        return library.declare(prototype);
      },
    });
    const path = join(scratchDirectory(), "device");
    old.makeNode(path, S_IFCHR | 0o600, 240, 1_048_575);
    expect((await run("stat", ["-c", "%F %t:%T", path])).stdout).toBe(
      "character special file f0:fffff\n",
    );
  },
);

testIf("koffi", "makeNode() makes FIFOs, under the umask", (context) => {
  const system = demandSystemCalls(context);
  const path = join(scratchDirectory(), "fifo");
  const umask = process.umask(0o027);
  try {
    system.makeNode(path, S_IFIFO | 0o666, 0, 0);
  } finally {
    process.umask(umask);
  }
  expect(lstatSync(path).isFIFO()).toBe(true);
  expect(lstatSync(path).mode & 0o7777).toBe(0o640);
});

testIf(
  "koffi",
  "makeNode() takes no existing name, no other type and no number that would be cut off",
  (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const [link, path] = [join(directory, "dangling"), join(directory, "path")];
    symlinkSync("nowhere", link);
    expect(() => system.makeNode(link, S_IFIFO | 0o600, 0, 0)).toThrow(
      expect.objectContaining({ code: "EEXIST", syscall: "mknod", path: link }),
    );
    expect(() => system.makeNode(path, S_IFREG | 0o600, 0, 0)).toThrow(RangeError);
    expect(() => system.makeNode(path, 0o600, 0, 0)).toThrow(RangeError);
    for (const [major, minor] of [
      [4096, 0],
      [0, 1_048_576],
      [-1, 0],
      [0, 0.5],
    ] as const) {
      expect(() => system.makeNode(path, S_IFCHR | 0o600, major, minor)).toThrow(RangeError);
    }
  },
);

test("device numbers are put together and taken apart without loss", () => {
  for (const [major, minor] of numbers) {
    const device = makeDeviceNumber({ major, minor });
    expect(device).toBeGreaterThanOrEqual(0);
    expect(splitDeviceNumber(device, "linux")).toEqual({ major, minor });
    expect(splitDeviceNumber(BigInt(device), "linux")).toEqual({ major, minor });
  }
  expect(makeDeviceNumber({ major: 0x123, minor: 0x45678 })).toBe(0x45612378);
  expect(splitDeviceNumber(0xff123456, "darwin")).toEqual({ major: 0xff, minor: 0x123456 });
  expect(() => splitDeviceNumber(2 ** 32, "linux")).toThrow(RangeError);
});
