/** Traces on the command line. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeComparison } from "#dist/cli/output/describe-comparison.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { coppice } from "./coppice.js";

const EVENTS = [
  { kind: "turn", name: "fixer", version: 2, at: "2026-01-05T10:00:00Z" },
  { kind: "tool", name: "fixer", version: 2, tool: "bash", durationMs: 4_000, ok: false },
  { kind: "tool", name: "fixer", version: 2, tool: "read", durationMs: 5, ok: true },
  { kind: "tool", name: "fixer", version: 3, tool: "bash", durationMs: 1_000, ok: true },
  { kind: "tool", name: "fixer", version: 3, tool: "read", durationMs: 5.5, ok: true },
];

/** Makes a store with these events, recorded from lines. */
async function storeWithTraces(): Promise<string> {
  const store = join(scratchDirectory(), "store");
  await (await Store.open(store)).close();
  const lines = EVENTS.map((each) => JSON.stringify(each)).join("\n");
  const { stdout } = await traces(["record", "--store", store], `${lines}\n\n`);
  expect(stdout).toBe("Recorded 5 events\n");
  return store;
}

function traces(args: readonly string[], input: string) {
  return coppice(["traces", ...args], { input, allowFailure: true });
}

async function json(args: readonly string[]): Promise<unknown> {
  return JSON.parse((await coppice(["traces", ...args, "--json"])).stdout);
}

test("list tells events page by page, newest first", async () => {
  const store = await storeWithTraces();
  const page = await json(["list", "fixer@2", "-m", "2", "--store", store]);
  expect(page).toMatchObject({ events: [{ tool: "read" }, { tool: "bash", ok: false }] });
  const { cursor } = page as { readonly cursor: string };
  expect(await json(["list", "fixer@2", "--cursor", cursor, "--store", store])).toEqual({
    events: [
      {
        id: 1,
        at: "2026-01-05T10:00:00.000Z",
        kind: "turn",
        name: "fixer",
        version: 2,
        snapshot: null,
        sandbox: null,
        tool: null,
        durationMs: null,
        ok: null,
        data: null,
      },
    ],
    cursor: null,
  });
  const { stdout } = await coppice(["traces", "list", "--failed", "--store", store]);
  expect(stdout).toMatch(
    /^AT +KIND +TOOL +TIME +AGENT +SANDBOX\n.* tool +bash +failed +4\.00 s +fixer@2\n$/,
  );
});

test("metrics are those of the library", async () => {
  const store = await storeWithTraces();
  const { stdout } = await coppice(["traces", "metrics", "fixer@3", "--store", store]);
  expect(stdout).toMatch(
    /^2 events, 100\.0 % of tool calls succeeded, p50 5\.5 ms, p95 1\.00 s\n\nTOOL/,
  );
  expect(stdout).toMatch(/\nbash +1 +100\.0 % +1\.00 s +1\.00 s {2}█{38,}.?\n/);
  expect(await json(["metrics", "--until", "2026-01-06", "--store", store])).toEqual({
    count: 1,
    byTool: [],
  });
});

test("compare tells two versions side by side, as a table and as a chart", async () => {
  const store = await storeWithTraces();
  const { stdout } = await coppice(["traces", "compare", "fixer", "2", "3", "--store", store]);
  expect(stdout).toMatch(/^fixer: version 2 and version 3\n\n +COUNT 2 +COUNT 3 +± +OK 2 /);
  expect(stdout).toMatch(
    /\nbash +1 +1 +±0 +0\.0 % +100\.0 % +\+100\.0 pp +4\.00 s +1\.00 s +−3\.00 s .*−3\.00 s\n/,
  );
  // Bars fill what is left of 80 columns, up to 40; a quarter of the time is a quarter of the bar.
  expect(stdout).toMatch(/\nP95\nbash {2}2 {2}4\.00 s {2}█{40}\n {6}3 {2}1\.00 s {2}█{10}\n/);
  expect(await json(["compare", "fixer", "2", "3", "-k", "tool", "--store", store])).toMatchObject({
    name: "fixer",
    versions: [2, 3],
    difference: { count: 0, successRate: 0.5 },
    byTool: [{ tool: "bash" }, { tool: "read" }],
  });
});

test("a comparison that is wider than the terminal is told figure by figure", async () => {
  const store = await Store.open(await storeWithTraces());
  const comparison = await store.traces.compare({ name: "fixer", versions: [2, 3] });
  await store.close();
  const lines = describeComparison(comparison, { style: (_, text) => text, columns: 44 });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(44);
  expect(lines.filter((line) => line.startsWith("all events"))).toHaveLength(4);
});

test("a line that is no event is told by its number; those before it are recorded", async () => {
  const store = await storeWithTraces();
  for (const [line, what] of [
    ['{"kind":', "JSON"],
    ['{"kind":"a","duration":1}', "duration"],
    ['{"kind":"a","at":"yesterday"}', "Cannot use at"],
  ] as const) {
    const input = `{"kind":"a"}\n${line}\n`;
    const { exitCode, stderr } = await traces(["record", "--json", "--store", store], input);
    expect(exitCode).toBe(1);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain("Cannot record line 2:");
    expect(error.message).toContain(what);
  }
  expect(await json(["metrics", "-k", "a", "--store", store])).toMatchObject({ count: 3 });
});

test("remove takes what is old, and wants to know what that is", async () => {
  const store = await storeWithTraces();
  const args = ["traces", "remove", "--store", store];
  expect((await coppice(args, { allowFailure: true })).exitCode).toBe(2);
  expect((await coppice([...args, "--before", "2026-01-06"])).stdout).toBe("Removed 1 event\n");
  expect(await json(["remove", "fixer@9", "--before", "1h", "--store", store])).toEqual({
    removed: 0,
  });
});
