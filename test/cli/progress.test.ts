import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { formatProgress } from "#dist/cli/output/format-progress.js";
import { showProgress } from "#dist/cli/output/show-progress.js";
import type { Progress } from "#dist/index.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream that says it is a terminal, and what was written to it. */
function fakeTerminal() {
  const written: string[] = [];
  const stream = new Writable({
    write(text: Buffer, _, done) {
      written.push(text.toString());
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns: 100, hasColors: () => false });
  return { terminal: terminal as unknown as NodeJS.WriteStream, text: () => written.join("") };
}

test("progress appears after a moment, stays on one line, and is gone at the end", async () => {
  const { terminal, text } = fakeTerminal();
  const display = await showProgress(terminal, undefined);
  display.onProgress?.({ phase: "scan", entries: 1, bytesRead: 10 });
  expect(text()).toBe("");
  vi.advanceTimersByTime(1000);
  display.onProgress?.({ phase: "scan", entries: 1500, bytesRead: 20_000 });
  display.onProgress?.({ phase: "commit", chunks: 3 });
  vi.advanceTimersByTime(1000);
  expect(stripVTControlCharacters(text())).toMatch(
    /Reading {2}1,500 entries {2}20\.0 kB read {2}1\.00 s/,
  );
  expect(stripVTControlCharacters(text())).toContain("Committing  3 chunks");
  expect(text()).not.toContain("\n");

  display.stop();
  const end = text();
  // The cursor is shown again and the line is cleared.
  expect(end).toContain("\u001b[?25h");
  expect(end.endsWith("\u001b[1G\u001b[2K")).toBe(true);
  display.onProgress?.({ phase: "scan", entries: 2, bytesRead: 10 });
  vi.advanceTimersByTime(1000);
  display.stop();
  expect(text()).toBe(end);
});

test("without a terminal there is no progress", async () => {
  const display = await showProgress(undefined, 10);
  expect(display.onProgress).toBeUndefined();
  display.stop();
});

test("formatProgress() shows a bar where the end is known and there is room", () => {
  const show = (progress: Progress, expectedEntries?: number, width = 100): string =>
    formatProgress({ progress, startedMs: 0, expectedEntries }, 2000, width, (_, text) => text);
  const scan: Progress = { phase: "scan", entries: 50, bytesRead: 0 };
  expect(show(scan)).toBe("⠋ Reading  50 entries  0 B read  2.00 s");
  expect(show(scan, 100)).toBe(
    `⠋ Reading  ${"━".repeat(12)}${"─".repeat(12)}  50 %  50 entries  0 B read  2.00 s`,
  );
  expect(show(scan, 100, 60)).toBe(show(scan));
  // More than there were last time: how many there are is not known.
  expect(show(scan, 40)).toBe(show(scan));
  const restore: Progress = { phase: "restore", done: 1, total: 4, bytes: 1000 };
  expect(show(restore)).toContain(" 25 %  1 of 4 entries  1.00 kB written");
  expect(show({ ...restore, total: 0 })).toBe("⠋ Writing  1 entry  1.00 kB written  2.00 s");
  expect(show({ phase: "image", bytes: 4096, total: 8192 })).toContain(" 50 %  4.10 kB of 8.19 kB");
});
