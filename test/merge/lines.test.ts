/** Merging texts line by line. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeLines } from "#dist/merge/merge-lines.js";
import { atOnce } from "#dist/threads/in-turns.js";

const merged = (base: string, ours: string, theirs: string, isUnion = false) => {
  const [b, o, t] = [base, ours, theirs].map((text) => Buffer.from(text, "latin1"));
  const merging = mergeLines({ base: b!, ours: o!, theirs: t! }, isUnion);
  return atOnce(merging)?.toString("latin1");
};

test("lines that one side changed, added or removed are taken from it", () => {
  expect(merged("1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n5\nsix\n")).toBe(
    "one\n2\n3\n5\nsix\n",
  );
});

test("line endings and a last line that nothing ends come out as they went in", () => {
  expect(merged("1\r\n2\n3\r\n4", "one\r\n2\n3\r\n4", "1\r\n2\n3\r\nfour")).toBe(
    "one\r\n2\n3\r\nfour",
  );
  expect(merged("1\n2\n3", "one\n2\n3", "1\n2\n3\n")).toBe("one\n2\n3\n");
  expect(merged("\r1\n\n2\n", "\r1\n\n2\n3", "\rone\n\n2\n")).toBe("\rone\n\n2\n3");
});

test("the same lines, and lines next to each other, changed in different ways are in conflict", () => {
  expect(merged("1\n2\n", "a\n2\n", "b\n2\n")).toBeUndefined();
  expect(merged("1\n2\n", "a\n2\n", "1\nb\n")).toBeUndefined();
  expect(merged("1\n", "1\na\n", "1\nb\n")).toBeUndefined();
  expect(merged("1\n2\n", "a\n2\n", "a\n2\n")).toBe("a\n2\n");
});

test("a union has the lines of ours, then those of theirs, each on a line of its own", () => {
  expect(merged("1\n2\n3\n", "1\na\n3\n", "1\nb\n3\n", true)).toBe("1\na\nb\n3\n");
  expect(merged("1\r\n", "1\r\na", "1\r\nb", true)).toBe("1\r\na\r\nb");
  expect(merged("", "a", "b", true)).toBe("a\nb");
});

test("names of JavaScript's own are lines like others", () => {
  expect(
    merged(
      "__proto__\nx\nconstructor\n",
      "__proto__\nx\ntoString\n",
      "y\n__proto__\nx\nconstructor\n",
    ),
  ).toBe("y\n__proto__\nx\ntoString\n");
});

/** Few different lines, so that they repeat. */
const text = fc
  .array(fc.constantFrom("a\n", "b\n", "\n", "c\r\n", "d\n", "e\n"), { maxLength: 30 })
  .map((lines) => lines.join(""));

test("of any three texts: one side's changes are that side, and swapping the sides makes no difference", () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      expect(merged(base, ours, base)).toBe(ours);
      expect(merged(base, base, theirs)).toBe(theirs);
      expect(merged(base, ours, ours)).toBe(ours);
      expect(merged(base, theirs, ours)).toBe(merged(base, ours, theirs));
    }),
    { numRuns: 2000 },
  );
});

test("a change of either side is in the merge wherever it is far from those of the other", () => {
  fc.assert(
    fc.property(fc.nat(999), fc.nat(999), (first, second) => {
      fc.pre(Math.abs(first - second) > 1);
      const lines = Array.from({ length: 1000 }, (_, index) => `${index % 7 === 0 ? "" : index}\n`);
      const edited = (...at: number[]) =>
        lines.map((line, index) => (at.includes(index) ? `new ${index}\n` : line)).join("");
      expect(merged(lines.join(""), edited(first), edited(second))).toBe(edited(first, second));
    }),
    { numRuns: 200 },
  );
});

test("lines that repeat by the hundred thousand end in a conflict, others are merged whatever their number", () => {
  const numbers = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join("");
  expect(merged(numbers, `a\n${numbers}`, `${numbers}b\n`)).toBe(`a\n${numbers}b\n`);
  const empty = "\n".repeat(100_000);
  expect(merged(`1\n${empty}2\n`, `a\n${empty}\n2\n`, `1\n\n${empty}b\n`)).toBeUndefined();
});
