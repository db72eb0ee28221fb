/** Figures of events. */
import { statSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TraceEvent, TraceFigures } from "#dist/index.js";
import { openTraces } from "./open-traces.js";

const event = fc.record(
  {
    kind: fc.constantFrom("tool", "turn"),
    name: fc.constant("agent"),
    version: fc.integer({ min: 1, max: 2 }),
    tool: fc.constantFrom("bash", "edit", "read"),
    ok: fc.boolean(),
    durationMs: fc.integer({ min: 0, max: 50 }).map((each) => each / 8),
    at: fc.integer({ min: 0, max: 9 }).map((each) => new Date(each)),
  },
  { requiredKeys: ["kind", "name", "version", "at"] },
);

/** Figures as one would count them by hand; nearest rank: of n sorted ones that at ceil(share * n). */
function figuresOf(events: readonly TraceEvent[]): TraceFigures {
  const told = events.filter(({ tool, ok }) => tool !== undefined && ok !== undefined);
  const sorted = events.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return {
    count: events.length,
    ...(told.length > 0 && { successRate: told.filter(({ ok }) => ok).length / told.length }),
    ...(sorted.length > 0 && { p50Ms: at(0.5), p95Ms: at(0.95) }),
  };
}

function metricsOf(events: readonly TraceEvent[]) {
  const byTool = ["bash", "edit", "read"]
    .map((tool) => ({ tool, ...figuresOf(events.filter((each) => each.tool === tool)) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  return { ...figuresOf(events), byTool };
}

test("metrics are those that one counts by hand, of all and of any part", async () => {
  const { traces } = await openTraces();
  const property = fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
    await traces.record(events);
    expect(await traces.metrics()).toEqual(metricsOf(events));
    const second = events.filter(({ version }) => version === 2);
    expect(await traces.metrics({ name: "agent", version: 2 })).toEqual(metricsOf(second));
    const late = events.filter(({ kind, at }) => kind === "tool" && Number(at) >= 5);
    expect(await traces.metrics({ kind: "tool", since: new Date(5) })).toEqual(metricsOf(late));
    await traces.remove({ before: new Date(10) });
  });
  await fc.assert(property, { numRuns: 60 });
});

test("metrics of more events than are looked at in one piece miss none and count none twice", async () => {
  const { traces } = await openTraces();
  const total = 230_000;
  for (let done = 0; done < total; done += 10_000) {
    // Many of one moment: a piece ends among them.
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      kind: "tool",
      tool: index % 2 === 0 ? "even" : "odd",
      durationMs: done + index + 1,
      ok: index % 4 === 0,
      at: new Date(Math.floor((done + index) / 70_000)),
    }));
    await traces.record(events);
  }
  expect(await traces.metrics()).toEqual({
    count: total,
    successRate: 0.25,
    p50Ms: total / 2,
    p95Ms: total * 0.95,
    byTool: [
      { tool: "even", count: total / 2, successRate: 0.5, p50Ms: 114_999, p95Ms: 218_499 },
      { tool: "odd", count: total / 2, successRate: 0, p50Ms: 115_000, p95Ms: 218_500 },
    ],
  });
});

test("metrics of nothing count nothing and tell no rates", async () => {
  const { traces } = await openTraces();
  expect(await traces.metrics({ name: "nobody" })).toEqual({ count: 0, byTool: [] });
  await traces.record({ kind: "turn", ok: false });
  expect(await traces.metrics()).toEqual({ count: 1, byTool: [] });
});

test("a comparison has both versions' metrics and what the second has more", async () => {
  const { traces } = await openTraces();
  const call = { kind: "tool", name: "agent" };
  await traces.record([
    { ...call, version: 2, tool: "bash", ok: false, durationMs: 8 },
    { ...call, version: 2, tool: "bash", ok: true, durationMs: 4 },
    { ...call, version: 2, tool: "read", ok: true },
    { ...call, version: 3, tool: "bash", ok: true, durationMs: 2 },
    { ...call, version: 4, tool: "bash", ok: false, durationMs: 999 },
  ]);
  const compared = await traces.compare({ name: "agent", versions: [2, 3] });
  expect(compared).toEqual({
    name: "agent",
    versions: [2, 3],
    before: { count: 3, successRate: 2 / 3, p50Ms: 4, p95Ms: 8 },
    after: { count: 1, successRate: 1, p50Ms: 2, p95Ms: 2 },
    difference: { count: -2, successRate: 1 - 2 / 3, p50Ms: -2, p95Ms: -6 },
    byTool: [
      {
        tool: "bash",
        before: { count: 2, successRate: 0.5, p50Ms: 4, p95Ms: 8 },
        after: { count: 1, successRate: 1, p50Ms: 2, p95Ms: 2 },
        difference: { count: -1, successRate: 0.5, p50Ms: -2, p95Ms: -6 },
      },
      {
        tool: "read",
        before: { count: 1, successRate: 1 },
        after: { count: 0 },
        difference: { count: -1 },
      },
    ],
  });
  for (const wrong of [{ versions: [1, 2] }, { name: "agent", versions: [1] }])
    await expect(traces.compare(wrong as never)).rejects.toThrow(TypeError);
});

test("an aborted measurement ends, and an aborted removal tells what is gone", async () => {
  const { traces } = await openTraces();
  await traces.record({ kind: "a" });
  const signal = AbortSignal.abort();
  await expect(traces.metrics({ signal })).rejects.toMatchObject({ code: "ABORTED" });
  await expect(traces.remove({ before: new Date(), signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("removing takes what is meant and nothing else, and gives the disk its space back", async () => {
  const { traces, store, file } = await openTraces();
  const data = "x".repeat(1_000);
  const events = Array.from({ length: 8_000 }, (_, index) => ({
    kind: "tool",
    name: index % 2 === 0 ? "a" : "b",
    at: new Date(index),
    data,
  }));
  await traces.record(events);
  expect(await traces.remove({ name: "a", before: new Date(100) })).toBe(50);
  expect((await traces.query({ name: "b", until: new Date(100) })).items).toHaveLength(50);
  expect((await traces.query({ name: "a", until: new Date(100) })).items).toEqual([]);
  expect(await traces.remove({ before: new Date(7_900) })).toBe(7_850);
  expect((await traces.metrics()).count).toBe(100);
  await store.close();
  expect(statSync(file).size).toBeLessThan(1_000_000);
});
