import fc from "fast-check";
import { expect, test } from "vitest";
import { escapePath } from "#dist/cli/output/escape-path.js";
import { formatBar } from "#dist/cli/output/format-bar.js";
import { formatBytes } from "#dist/cli/output/format-bytes.js";
import { formatCount } from "#dist/cli/output/format-count.js";
import { formatDuration } from "#dist/cli/output/format-duration.js";
import { formatMode } from "#dist/cli/output/format-mode.js";
import { formatTable } from "#dist/cli/output/format-table.js";
import { formatTime } from "#dist/cli/output/format-time.js";
import { parseEscapedPath } from "#dist/cli/parse-escaped-path.js";

test("parseEscapedPath() gives back the bytes that escapePath() was given", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(parseEscapedPath(escapePath(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(parseEscapedPath(escapePath(Buffer.from(text))).toString()).toBe(text);
    }),
  );
});

test("escapePath() leaves nothing that a terminal would obey", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(escapePath(bytes)).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    }),
  );
  expect(escapePath(Buffer.from("café/日本/🌳"))).toBe("café/日本/🌳");
  expect(escapePath(Buffer.from("é/caf\xe9/\u202e", "latin1"))).toBe("\\xe9/caf\\xe9/.");
});

test("parseEscapedPath() refuses what listings never show", () => {
  expect(() => parseEscapedPath("a\\nb")).toThrow("a backslash is followed by");
  expect(() => parseEscapedPath("a\\")).toThrow();
});

test("formatBytes() shows three figures and never 1000 of a unit", () => {
  const shown = [0, 999, 1000, 9_994, 9_996, 99_949, 99_951, 999_499, 999_500, 695e6, 1.5e15];
  expect(shown.map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.00 kB",
    "9.99 kB",
    "10.0 kB",
    "99.9 kB",
    "100 kB",
    "999 kB",
    "1.00 MB",
    "695 MB",
    "1.50 PB",
  ]);
  expect(formatBytes(-2048)).toBe("−2.05 kB");
});

test("formatCount() separates thousands", () => {
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

test("formatDuration() goes from fractions of a millisecond to minutes", () => {
  expect([0.42, 843, 1919, 59_940, 59_960, 125_000].map(formatDuration)).toEqual([
    "0.4 ms",
    "843 ms",
    "1.92 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});

test("formatTime() shows any time that a file can have", () => {
  expect(formatTime(0n)).toMatch(/^19(69|70)-\d\d-\d\d \d\d:\d\d$/);
  expect(formatTime(-1n)).toMatch(/^19(69|70)-/);
  expect(formatTime(9_000_000_000_000n * 1_000_000_000n)).toBe("@9000000000000");
});

test("formatMode() shows what ls -l does", () => {
  expect(formatMode("directory", 0o1777)).toBe("drwxrwxrwt");
  expect(formatMode("file", 0o4755)).toBe("-rwsr-xr-x");
  expect(formatMode("file", 0o6644)).toBe("-rwSr-Sr--");
  expect(formatMode("symlink", 0o777)).toBe("lrwxrwxrwx");
});

test("formatBar() fills what it should to an eighth of a column, and shows what there is", () => {
  expect([0, 0.0001, 0.25, 0.5625, 1, 7].map((share) => formatBar(share, 2))).toEqual([
    "",
    "▏",
    "▌",
    "█▏",
    "██",
    "██",
  ]);
});

test("formatTable() aligns styled cells by what is seen of them", () => {
  expect(
    formatTable(
      [
        ["\u001b[1ma\u001b[22m", "1", "x"],
        ["bbb", "22", ""],
      ],
      ["left", "right"],
    ),
  ).toEqual(["\u001b[1ma\u001b[22m     1  x", "bbb  22"]);
});
