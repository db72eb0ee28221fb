/** Recording events, and finding them again. */
import { rmSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Store, type TraceEvent } from "#dist/index.js";
import { openTraces } from "./open-traces.js";

/** Words of which several events have the same. */
const word = fc.constantFrom("a", "b", "c");

/** Events as a user may give them, with times that fall together. */
const event: fc.Arbitrary<TraceEvent> = fc
  .record(
    {
      kind: word,
      name: word,
      version: fc.integer({ min: 1, max: 3 }),
      sandbox: word,
      snapshot: word,
      tool: word,
      ok: fc.boolean(),
      durationMs: fc.integer({ min: 0, max: 9_000 }).map((each) => each / 1_000),
      at: fc.integer({ min: 0, max: 9 }).map((each) => new Date(each)),
      data: fc.jsonValue({ depthSize: "small" }),
    },
    { requiredKeys: ["kind", "at"] },
  )
  .map(({ version, ...rest }) => ({ ...rest, ...(rest.name !== undefined && { version }) }));

const filter = fc
  .record(
    {
      kind: word,
      name: word,
      version: fc.integer({ min: 1, max: 3 }),
      sandbox: word,
      snapshot: word,
      tool: word,
      ok: fc.boolean(),
      since: fc.integer({ min: 0, max: 9 }).map((each) => new Date(each)),
      until: fc.integer({ min: 0, max: 9 }).map((each) => new Date(each)),
    },
    { requiredKeys: [] },
  )
  .map(({ version, ...rest }) => ({ ...rest, ...(rest.name !== undefined && { version }) }));

/** What a query means, without a database. */
function isMeant(event: TraceEvent, { since, until, ...equal }: Partial<TraceEvent> & Times) {
  const told = Object.entries(equal).filter(([, value]) => value !== undefined);
  const at = event.at as Date;
  return (
    told.every(([member, value]) => event[member as keyof TraceEvent] === value) &&
    (since === undefined || at >= since) &&
    (until === undefined || at < until)
  );
}

interface Times {
  readonly since?: Date;
  readonly until?: Date;
}

/** JSON has no `-0`, and an absent member is as good as one that is undefined. */
function plain(events: readonly TraceEvent[]): unknown {
  return JSON.parse(JSON.stringify(events));
}

test("pages of a query together are the events that it means, newest first, those of one moment in reverse order", async () => {
  const { traces } = await openTraces();
  const property = fc.asyncProperty(
    fc.array(event, { maxLength: 30 }),
    fc.array(filter, { minLength: 3, maxLength: 3 }),
    fc.integer({ min: 1, max: 5 }),
    async (events, filters, limit) => {
      await traces.record(events);
      for (const each of filters) {
        const found: TraceEvent[] = [];
        let cursor: string | undefined;
        do {
          const page = await traces.query({ ...each, limit, ...(cursor && { cursor }) });
          found.push(...page.items.map(({ id, ...rest }) => rest));
          cursor = page.cursor;
        } while (cursor !== undefined);
        const expected = [...events.entries()]
          .filter(([, one]) => isMeant(one, each))
          .sort(([i, a], [j, b]) => Number(b.at) - Number(a.at) || j - i)
          .map(([, one]) => one);
        expect(plain(found)).toEqual(plain(expected));
      }
      await traces.remove({ before: new Date(10) });
      expect((await traces.query()).items).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("an event has what was given, when it was, and an id of its own for ever", async () => {
  const { traces } = await openTraces();
  const before = Date.now();
  await traces.record({ kind: "turn" });
  const [first] = (await traces.query()).items;
  expect(first).toEqual({ id: 1, at: expect.any(Date), kind: "turn" });
  expect(Number(first?.at)).toBeGreaterThanOrEqual(before);
  expect(await traces.remove({ before: new Date(Date.now() + 1) })).toBe(1);
  const full = {
    kind: "tool",
    name: "fixer",
    version: 3,
    snapshot: "s",
    sandbox: "b",
    tool: "bash",
    durationMs: 1.234,
    ok: false,
    at: new Date(5),
    data: { lines: ["ü", null], deep: { at: 1 } },
  };
  await traces.record(full);
  expect((await traces.query()).items).toEqual([{ id: 2, ...full }]);
});

test("one wrong event has none of its call recorded, and no other call's", async () => {
  const { traces } = await openTraces();
  const wrong = traces.record([{ kind: "a" }, { kind: "" }]);
  const right = traces.record({ kind: "b" });
  await expect(wrong).rejects.toThrow(TypeError);
  await right;
  expect((await traces.query()).items).toMatchObject([{ kind: "b" }]);
});

test("what is no event is refused by what is wrong with it", async () => {
  const { traces } = await openTraces();
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const types: unknown[] = [
    null,
    "event",
    {},
    { kind: 1 },
    { kind: "a\nb" },
    { kind: "x".repeat(256) },
    { kind: "a", duration: 1 },
    { kind: "a", durationMs: "1" },
    { kind: "a", version: 1 },
    { kind: "a", name: "a", version: 0 },
    { kind: "a", ok: 1 },
    { kind: "a", at: 5 },
    { kind: "a", at: new Date(Number.NaN) },
    { kind: "a", data: () => 1 },
    { kind: "a", data: cyclic },
  ];
  for (const each of types) await expect(traces.record(each as never)).rejects.toThrow(TypeError);
  const ranges: TraceEvent[] = [
    { kind: "a", durationMs: -1 },
    { kind: "a", durationMs: Number.NaN },
    { kind: "a", durationMs: 1e12 + 1 },
    { kind: "a", data: "ü".repeat(32 * 1024) },
  ];
  for (const each of ranges) await expect(traces.record(each)).rejects.toThrow(RangeError);
  const many = Array.from({ length: 10_001 }, () => ({ kind: "a" }));
  await expect(traces.record(many)).rejects.toThrow(RangeError);
  await traces.record({ kind: "a", durationMs: 1e12, data: "x".repeat(64 * 1024 - 2) });
  expect((await traces.query()).items).toMatchObject([{ durationMs: 1e12 }]);
});

test("a version without a name, and a time that is none, are refused of a query too", async () => {
  const { traces } = await openTraces();
  for (const query of [{ version: 1 }, { since: 5 }, { ok: "yes" }, { name: "" }])
    await expect(traces.query(query as never)).rejects.toThrow(TypeError);
});

test("what was recorded is there in another handle, and what waited when the store was closed", async () => {
  const { store, traces } = await openTraces();
  const other = await Store.open(store.directory);
  await traces.record({ kind: "a" });
  expect((await other.traces.query()).items).toHaveLength(1);
  const waiting = other.traces.record({ kind: "b" });
  await other.close();
  await waiting;
  expect((await traces.query()).items).toMatchObject([{ kind: "b" }, { kind: "a" }]);
  await expect(other.traces.record({ kind: "c" })).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

test("without their file there are no traces, and all else is as it was", async () => {
  const { store, traces, file } = await openTraces();
  await traces.record({ kind: "a" });
  await store.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  const again = await Store.open(store.directory);
  expect(await again.traces.query()).toEqual({ items: [] });
  await again.traces.record({ kind: "b" });
  expect((await again.traces.query()).items).toHaveLength(1);
  await again.close();
});
