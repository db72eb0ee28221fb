import { closeSync, lstatSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { SystemCalls } from "#dist/system/system-calls.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";

/** What every file system can store: from 1901 to 2038. */
const SECONDS_MIN = -(2 ** 31);
const SECONDS_MAX = 2 ** 31 - 1;

testIf(
  ["koffi", "tools"],
  "2,000 random times, half of them before 1970, are set to the nanosecond",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const expected = new Map<string, string>();
    for (let index = 0; index < 2000; index += 1) {
      const seconds = SECONDS_MIN + Math.floor(Math.random() * (SECONDS_MAX - SECONDS_MIN));
      const nanoseconds = Math.floor(Math.random() * 1e9);
      const name = `${index}`;
      makeKind(index % 3, join(directory, name));
      setSomehow(system, index % 4, join(directory, name), seconds, nanoseconds);
      expected.set(name, decimal(seconds, nanoseconds));
    }
    expect(await modificationTimes(directory)).toEqual(expected);
  },
);

testIf(
  ["koffi", "tools"],
  "the times that others get wrong are set as touch sets them",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const times: readonly (readonly [seconds: bigint, nanoseconds: number, text: string])[] = [
      [0n, 0, "1970-01-01 00:00:00.000000000Z"],
      [-1n, 999_999_999, "1969-12-31 23:59:59.999999999Z"],
      [-1n, 0, "1969-12-31 23:59:59.000000000Z"],
      [-2n, 1, "1969-12-31 23:59:58.000000001Z"],
      [1_700_000_000n, 123_456_789, "2023-11-14 22:13:20.123456789Z"],
      [2_147_483_648n, 7, "2038-01-19 03:14:08.000000007Z"],
      [4_294_967_296n, 7, "2106-02-07 06:28:16.000000007Z"],
      // Some file systems cannot store these, and then touch ends up where setTimes does.
      [13_574_649_599n, 999_999_999, "2400-02-29 23:59:59.999999999Z"],
      [-5_000_000_000n, 5, "1811-07-23 15:06:40.000000005Z"],
    ];
    for (const [index, [seconds, nanoseconds, text]] of times.entries()) {
      for (const name of [`${index}-set`, `${index}-touched`])
        writeFileSync(join(directory, name), "");
      system.setTimes(join(directory, `${index}-set`), seconds, nanoseconds);
      await run("touch", ["-d", text, join(directory, `${index}-touched`)]);
    }
    const found = await modificationTimes(directory);
    for (const index of times.keys())
      expect(found.get(`${index}-set`)).toBe(found.get(`${index}-touched`));
  },
);

testIf(
  ["koffi", "tools"],
  "setTimes() leaves the access time and the target of a symbolic link alone",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const [file, link] = [join(directory, "file"), join(directory, "link")];
    writeFileSync(file, "");
    symlinkSync("file", link);
    await run("touch", ["-d", "2001-02-03 04:05:06.070809101Z", file]);
    await run("touch", ["-h", "-d", "2002-02-03 04:05:06.070809102Z", link]);
    system.setTimes(link, 1, 2);
    const { stdout } = await run("stat", ["-c", "%.9X %.9Y", file, link]);
    expect(stdout).toBe(
      "981173106.070809101 981173106.070809101\n1012709106.070809102 1.000000002\n",
    );
  },
);

testIf(
  "koffi",
  "setTimes() refuses what is no time, and reports failures as node:fs does",
  (context) => {
    const system = demandSystemCalls(context);
    const file = join(scratchDirectory(), "file");
    writeFileSync(file, "");
    // 0x3fffffff means now, and 0x3ffffffe means leave it.
    for (const nanoseconds of [-1, 1e9, 0.5, Number.NaN, 0x3fff_ffff, 0x3fff_fffe]) {
      expect(() => system.setTimes(file, 0, nanoseconds)).toThrow(RangeError);
    }
    for (const seconds of [0.5, Number.NaN, 2n ** 63n, -(2n ** 63n) - 1n]) {
      expect(() => system.setTimes(file, seconds, 0)).toThrow(RangeError);
    }
    expect(() => system.setTimes(`${file}.missing`, 0, 0)).toThrow(
      expect.objectContaining({ code: "ENOENT", syscall: "utimensat", path: `${file}.missing` }),
    );
    expect(() => system.setTimesFd(-1, 0, 0)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "futimens" }),
    );
  },
);

function makeKind(kind: number, path: string): void {
  if (kind === 0) writeFileSync(path, "");
  else if (kind === 1) mkdirSync(path);
  else symlinkSync("nowhere", path);
}

/** By text, by bytes, with a bigint, or by descriptor. */
function setSomehow(
  system: SystemCalls,
  way: number,
  path: string,
  seconds: number,
  nanoseconds: number,
): void {
  if (way === 0) {
    system.setTimes(path, seconds, nanoseconds);
  } else if (way === 1) {
    system.setTimes(Buffer.from(path), seconds, nanoseconds);
  } else if (way === 2 || lstatSync(path).isSymbolicLink()) {
    // A link has no descriptor.
    system.setTimes(path, BigInt(seconds), nanoseconds);
  } else {
    const fd = openSync(path, "r");
    system.setTimesFd(fd, seconds, nanoseconds);
    closeSync(fd);
  }
}

/** As stat prints it: the decimal fraction, so that half a second before 1970 is -0.5. */
function decimal(seconds: number, nanoseconds: number): string {
  const total = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  const digits = (total < 0n ? -total : total).toString().padStart(10, "0");
  return `${total < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

async function modificationTimes(directory: string): Promise<Map<string, string>> {
  const { stdout } = await run("bash", ["-c", "stat --printf '%n %.9Y\\n' -- *"], {
    cwd: directory,
  });
  return new Map(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}
